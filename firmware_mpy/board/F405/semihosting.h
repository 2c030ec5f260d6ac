#include <stdbool.h>
#include <stdint.h>

// What the emulator has for the board besides hardware: bits of the word it puts above the stack.
#define EMULATOR_HAS_STORE (1u << 0)
#define EMULATOR_HAS_WORLD (1u << 1)
#define EMULATOR_HAS_WORLD_LINK (1u << 2)   // USART2 is in the world's record, not a port of the emulator's
#define EMULATOR_HAS_HEAP (1u << 3)         // the word behind it says how many bytes of heap there may be

bool emulator_has(uint32_t what);
uint32_t emulator_heap_bytes(void);
int semihosting_open(const char *name, unsigned int mode);
int semihosting_read(int file, void *data, unsigned int size);
int semihosting_write(int file, const void *data, unsigned int size);
int semihosting_seek(int file, unsigned int offset);
int semihosting_size(int file);

// Modes of ISO C's fopen: "rb", "r+b", "wb".
#define SEMIHOSTING_READ (1)
#define SEMIHOSTING_UPDATE (3)
#define SEMIHOSTING_WRITE (5)
