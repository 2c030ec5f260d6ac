#include <stdbool.h>
#include <stdint.h>

// What the emulator has for the board besides hardware: bits of the word it puts above the stack.
#define EMULATOR_HAS_STORE (1u << 0)

bool emulator_has(uint32_t what);
int semihosting_open(const char *name, unsigned int mode);
int semihosting_read(int file, void *data, unsigned int size);
int semihosting_write(int file, const void *data, unsigned int size);
int semihosting_seek(int file, unsigned int offset);
int semihosting_size(int file);

// Modes of ISO C's fopen: "rb", "r+b", "wb".
#define SEMIHOSTING_READ (1)
#define SEMIHOSTING_UPDATE (3)
#define SEMIHOSTING_WRITE (5)
