// Files of the emulator's host (Arm, "Semihosting for AArch32 and AArch64", operations 0x01 to 0x0C).
//
// A BKPT that nobody answers is a fault, so the emulator says that it answers: host.emulate has a word put at
// the top of RAM at every reset, above the stack. On anything else there is nothing there.
#include <string.h>
#include "semihosting.h"

#define EMULATOR_WORD (*(volatile uint32_t *)0x2001FFF0)
#define EMULATOR_HEAP (*(volatile uint32_t *)0x2001FFF4)
#define EMULATOR_MAGIC (0x50415400u)    // "PAT", and eight bits of what there is
#define EMULATOR_MAGIC_MASK (0xFFFFFF00u)

enum { SYS_OPEN = 0x01, SYS_WRITE = 0x05, SYS_READ = 0x06, SYS_SEEK = 0x0A, SYS_FLEN = 0x0C };

static int semihosting(int operation, const void *arguments) {
    register int r0 __asm("r0") = operation;
    register const void *r1 __asm("r1") = arguments;
    __asm volatile ("bkpt 0xAB" : "+r" (r0) : "r" (r1) : "memory");
    return r0;
}

bool emulator_has(uint32_t what) {
    uint32_t word = EMULATOR_WORD;
    return (word & EMULATOR_MAGIC_MASK) == EMULATOR_MAGIC && (word & what) == what;
}

// How large the heap is, to be like another board's; 0: as large as it can be.
uint32_t emulator_heap_bytes(void) {
    return emulator_has(EMULATOR_HAS_HEAP) ? EMULATOR_HEAP : 0;
}

// All of these answer below 0 when it did not work. The names are in the folder the emulator was started in.
int semihosting_open(const char *name, unsigned int mode) {
    uint32_t block[] = { (uint32_t)name, mode, strlen(name) };
    return semihosting(SYS_OPEN, block);
}

int semihosting_read(int file, void *data, unsigned int size) {
    uint32_t block[] = { file, (uint32_t)data, size };
    int missing = semihosting(SYS_READ, block);
    return missing < 0 ? -1 : (int)size - missing;
}

int semihosting_write(int file, const void *data, unsigned int size) {
    uint32_t block[] = { file, (uint32_t)data, size };
    int missing = semihosting(SYS_WRITE, block);
    return missing < 0 ? -1 : (int)size - missing;
}

int semihosting_seek(int file, unsigned int offset) {
    uint32_t block[] = { file, offset };
    return semihosting(SYS_SEEK, block);
}

int semihosting_size(int file) {
    uint32_t block[] = { file };
    return semihosting(SYS_FLEN, block);
}
