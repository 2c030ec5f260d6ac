// MicroPython's configuration: that of ports/qemu with what this board adds or changes.
#include "ports/qemu/mpconfigport.h"

#undef MICROPY_HW_BOARD_NAME  // the Makefile of ports/qemu sets it to the name of QEMU's machine
#define MICROPY_HW_BOARD_NAME "Emulated patrol-car board"
#undef MICROPY_PY_SYS_PLATFORM
#define MICROPY_PY_SYS_PLATFORM "emulated-stm32f405"

// ports/qemu leaves out what needs a clock or a console that can be polled.
#undef MICROPY_PY_SYS_STDIO_BUFFER
#define MICROPY_PY_SYS_STDIO_BUFFER (1)
#undef MICROPY_PY_SELECT
#define MICROPY_PY_SELECT (1)
#undef MICROPY_PY_TIME
#define MICROPY_PY_TIME (1)
#undef MICROPY_PY_ASYNCIO
#define MICROPY_PY_ASYNCIO (1)

#define MICROPY_HELPER_REPL (1)
#define MICROPY_KBD_EXCEPTION (1)
#define MICROPY_SCHEDULER_DEPTH (8)
#define MICROPY_STACK_CHECK_MARGIN (1024)  // room for interrupts on the one stack
#define MICROPY_PY_MICROPYTHON_RINGIO (1)
#define MICROPY_PY_DEFLATE (1)
#define MICROPY_PY_DEFLATE_COMPRESS (1)
#define MICROPY_PY_BINASCII (1)
#define MICROPY_PY_BINASCII_CRC32 (1)

// With the folder's name: extmod has files of the same names, which include these.
#undef MICROPY_PY_MACHINE_INCLUDEFILE
#define MICROPY_PY_MACHINE_INCLUDEFILE "F405/machine_chip.c"
#define MICROPY_PY_MACHINE_BARE_METAL_FUNCS (1)
#define MICROPY_PY_MACHINE_MEMX (1)
#define MICROPY_PY_MACHINE_DISABLE_IRQ_ENABLE_IRQ (1)
#define MICROPY_PY_MACHINE_SIGNAL (1)
#define MICROPY_PY_MACHINE_PIN_MAKE_NEW mp_pin_make_new  // so that Signal takes the name of a pin too
#define MICROPY_PY_MACHINE_UART (1)
#define MICROPY_PY_MACHINE_UART_IRQ (1)
#define MICROPY_PY_MACHINE_UART_INCLUDEFILE "F405/machine_uart.c"
#define MICROPY_PY_MACHINE_PWM (1)
#define MICROPY_PY_MACHINE_PWM_INCLUDEFILE "F405/machine_pwm.c"
#define MICROPY_PY_MACHINE_ADC (1)
#define MICROPY_PY_MACHINE_ADC_INCLUDEFILE "F405/machine_adc.c"
#define MICROPY_PY_MACHINE_TIMER (1)
#define MICROPY_SOFT_TIMER_TICKS_MS uptime_ms

// FAT as the stm32 port has it, for stores that are formatted so.
#undef MICROPY_FATFS_ENABLE_LFN
#undef MICROPY_FATFS_LFN_CODE_PAGE
#undef MICROPY_FATFS_RPATH
#define MICROPY_FATFS_ENABLE_LFN (2)
#define MICROPY_FATFS_LFN_CODE_PAGE 437
#define MICROPY_FATFS_RPATH (2)

extern const struct _mp_obj_type_t machine_pin_type;
extern const struct _mp_obj_type_t machine_timer_type;
extern const struct _mp_obj_type_t machine_encoder_type;
extern const struct _mp_obj_type_t machine_world_i2c_type;
#define MICROPY_PY_MACHINE_EXTRA_GLOBALS \
    { MP_ROM_QSTR(MP_QSTR_Pin), MP_ROM_PTR(&machine_pin_type) }, \
    { MP_ROM_QSTR(MP_QSTR_Timer), MP_ROM_PTR(&machine_timer_type) }, \
    { MP_ROM_QSTR(MP_QSTR_Encoder), MP_ROM_PTR(&machine_encoder_type) }, \
    { MP_ROM_QSTR(MP_QSTR_I2C), MP_ROM_PTR(&machine_world_i2c_type) }, \
    { MP_ROM_QSTR(MP_QSTR_PWRON_RESET), MP_ROM_INT(RESET_POWER_ON) }, \
    { MP_ROM_QSTR(MP_QSTR_HARD_RESET), MP_ROM_INT(RESET_HARD) }, \
    { MP_ROM_QSTR(MP_QSTR_SOFT_RESET), MP_ROM_INT(RESET_SOFT) },

// Interrupts share their data with the interpreter (scheduler, soft timers): PRIMASK keeps them apart.
static inline unsigned int irq_save(void) {
    unsigned int state;
    __asm volatile ("mrs %0, primask\n cpsid i" : "=r" (state) :: "memory");
    return state;
}

static inline void irq_restore(unsigned int state) {
    __asm volatile ("msr primask, %0" :: "r" (state) : "memory");
}

#define MICROPY_BEGIN_ATOMIC_SECTION() irq_save()
#define MICROPY_END_ATOMIC_SECTION(state) irq_restore(state)
#define MICROPY_PY_PENDSV_ENTER unsigned int pendsv_state = irq_save()
#define MICROPY_PY_PENDSV_EXIT irq_restore(pendsv_state)
#define __IO volatile  // shared/runtime/softtimer.c takes it from ST's headers
