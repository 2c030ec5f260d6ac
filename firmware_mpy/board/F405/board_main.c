// Life of the interpreter: start, boot.py, main.py, REPL, soft reset. The order is that of MicroPython's stm32 port.
#include "py/cstack.h"
#include "py/gc.h"
#include "py/mphal.h"
#include "py/runtime.h"
#include "py/builtin.h"
#include "shared/readline/readline.h"
#include "shared/runtime/gchelper.h"
#include "shared/runtime/pyexec.h"
#include "shared/runtime/softtimer.h"
#include "hal.h"
#include "machine_chip.h"
#include "machine_pin.h"
#include "machine_pwm.h"
#include "machine_uart.h"
#include "repl.h"
#include "semihosting.h"

extern char _heap_start, _heap_end, _stack_top;
extern uint8_t ram_disk[];

// Where the application may be, in the order of preference. The RAM disk comes first, so that a copied main.py can
// stand in for the one in the ROM file system.
static int run_main(void) {
    if (mp_import_stat("main.py") == MP_IMPORT_STAT_FILE) {
        return pyexec_file("main.py");
    }
    if (mp_import_stat("/rom/main.py") == MP_IMPORT_STAT_FILE) {
        return pyexec_file("/rom/main.py");
    }
    if (mp_import_stat("/rom/main.mpy") == MP_IMPORT_STAT_FILE) {
        // compiled code can only be imported
        vstr_t source;
        vstr_init(&source, 16);
        vstr_add_str(&source, "import main");
        return pyexec_vstr(&source, true);
    }
    return 0;
}

static void run_until_soft_reset(void) {
    pyexec_frozen_module("_boot.py", false);
    if (pyexec_file_if_exists("boot.py") & PYEXEC_FORCED_EXIT) {
        return;
    }
    // A host that is in raw mode (mpremote) has reset the board to have it quiet.
    if (pyexec_mode_kind == PYEXEC_MODE_FRIENDLY_REPL && (run_main() & PYEXEC_FORCED_EXIT)) {
        return;
    }
    for (;;) {
        int ret = pyexec_mode_kind == PYEXEC_MODE_RAW_REPL ? pyexec_raw_repl() : pyexec_friendly_repl();
        if (ret != 0) {
            return;
        }
    }
}

__attribute__((noreturn)) void board_main(void) {
    machine_chip_note_start();
    machine_pin_init();
    hal_init();
    repl_init();
    mp_cstack_init_with_top(&_stack_top, &_stack_top - &_heap_end);
    for (;;) {
        char *heap = emulator_has(EMULATOR_HAS_STORE) ? (char *)ram_disk : &_heap_start;
        uint32_t wanted = emulator_heap_bytes();
        bool is_cut = wanted && wanted < (uint32_t)(&_heap_end - heap);
        gc_init(heap, is_cut ? heap + wanted : &_heap_end);
        mp_init();
        readline_init0();
        run_until_soft_reset();

        mp_printf(&mp_plat_print, "MPY: soft reboot\n");
        soft_timer_deinit();
        machine_uart_stop_all();
        machine_pin_stop_irqs();
        machine_pwm_stop_all();
        gc_sweep_all();
        mp_deinit();
        machine_chip_note_soft_reset();
    }
}

void gc_collect(void) {
    gc_collect_start();
    gc_helper_collect_regs_and_stack();
    soft_timer_gc_mark_all();
    gc_collect_end();
}

// An exception outside any program. What is known to cause it: a program has ended and left the heap so full that the
// REPL's own buffers do not fit. Only a restart helps.
void nlr_jump_fail(void *val) {
    mp_printf(&mp_plat_print, "FATAL: uncaught exception, restarting\n");
    mp_obj_print_exception(&mp_plat_print, MP_OBJ_FROM_PTR(val));
    machine_chip_reset();
}
