// Resets of the chip, and the cause that machine.reset_cause() tells.
#pragma once

void machine_chip_note_start(void);
void machine_chip_note_soft_reset(void);
void machine_chip_reset(void) __attribute__((noreturn));
