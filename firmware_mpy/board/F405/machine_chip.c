// Included by extmod/modmachine.c: reset, identity, clock and sleep of the chip.
#include "machine_chip.h"
#include "stm32f405.h"

enum { RESET_SOFT = 0, RESET_POWER_ON = 1, RESET_HARD = 2 };  // the values of MicroPython's stm32 port

// RCC_CSR reads 0 on QEMU, so machine.reset() leaves this word for the next start. SRAM keeps it.
#define RESET_REQUESTED (0x52534554u)
static uint32_t reset_note __attribute__((section(".noinit")));
static uint8_t reset_cause;

void machine_chip_note_start(void) {
    reset_cause = reset_note == RESET_REQUESTED ? RESET_HARD : RESET_POWER_ON;
    reset_note = 0;
}

void machine_chip_note_soft_reset(void) {
    reset_cause = RESET_SOFT;
}

void machine_chip_reset(void) {
    reset_note = RESET_REQUESTED;
    __asm volatile ("dsb" ::: "memory");
    SCB_AIRCR = SCB_AIRCR_SYSRESETREQ;
    for (;;) {
    }
}

static void mp_machine_reset(void) {
    machine_chip_reset();
}

static mp_int_t mp_machine_reset_cause(void) {
    return reset_cause;
}

static mp_obj_t mp_machine_unique_id(void) {
    // Reading the chip's own (0x1FFF7A10, RM0090 39.1) is a bus fault on QEMU.
    return mp_obj_new_bytes((const byte *)"EMULATEDF405", 12);
}

static mp_obj_t mp_machine_get_freq(void) {
    return MP_OBJ_NEW_SMALL_INT(SYSCLK_HZ);
}

static void mp_machine_set_freq(size_t n_args, const mp_obj_t *args) {
    mp_raise_NotImplementedError(MP_ERROR_TEXT("the clock is fixed"));
}

static void mp_machine_idle(void) {
    mp_event_wait_ms(1);
}

static void mp_machine_lightsleep(size_t n_args, const mp_obj_t *args) {
    if (n_args == 0) {
        mp_raise_NotImplementedError(MP_ERROR_TEXT("no wake-up pin: give a time"));
    }
    mp_hal_delay_ms(mp_obj_get_int(args[0]));
}

static void mp_machine_deepsleep(size_t n_args, const mp_obj_t *args) {
    mp_machine_lightsleep(n_args, args);
    mp_machine_reset();
}
