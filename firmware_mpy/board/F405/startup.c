// Vector table, reset and fault handlers (PM0214 2.3, RM0090 12.2).
#include <stdint.h>
#include "py/mphal.h"
#include "stm32f405.h"
#include "hal.h"
#include "usart.h"

typedef void (*vector_t)(void);

extern uint32_t _stack_top, _data_load, _data_start, _data_end, _bss_start, _bss_end;
extern const vector_t vectors[];
void board_main(void) __attribute__((noreturn));

// Naked: compiled code may use the FPU from its first instruction on, and before that needs CPACR set.
__attribute__((naked)) void reset_handler(void) {
    __asm volatile (
        "ldr r0, =0xE000ED88\n"     // SCB_CPACR
        "ldr r1, [r0]\n"
        "orr r1, r1, #0xF00000\n"   // CP10 and CP11: full access
        "str r1, [r0]\n"
        "dsb\n"
        "isb\n"
        "b reset_main\n");
}

__attribute__((used, noreturn)) void reset_main(void) {
    SCB_VTOR = (uint32_t)vectors;   // an emulator that loads the ELF may have started elsewhere
    const uint32_t *load = &_data_load;
    for (uint32_t *dest = &_data_start; dest < &_data_end;) {
        *dest++ = *load++;
    }
    for (uint32_t *dest = &_bss_start; dest < &_bss_end;) {
        *dest++ = 0;
    }
    board_main();
}

// A fault is a bug in C or native code. The state is printed and the chip stays stopped, as
// restarting would hide it.
__attribute__((used, noreturn)) void fault_report(const uint32_t *frame) {
    uint32_t ipsr;
    __asm volatile ("mrs %0, ipsr" : "=r" (ipsr));
    mp_printf(&mp_plat_print, "\nFATAL: exception %u pc=%08x lr=%08x sp=%08x cfsr=%08x hfsr=%08x bfar=%08x\n",
        (unsigned)ipsr, (unsigned)frame[6], (unsigned)frame[5], (unsigned)(uintptr_t)frame,
        (unsigned)SCB_CFSR, (unsigned)SCB_HFSR, (unsigned)SCB_BFAR);
    for (;;) {
        __asm volatile ("wfi");
    }
}

// Also every interrupt that nobody asked for: its number is 16 less than the exception's.
__attribute__((naked)) static void fault_handler(void) {
    __asm volatile (
        "mov r0, sp\n"              // the stacked r0-r3, r12, lr, pc, psr: only MSP is in use
        "b fault_report\n");
}

static void usart1_irq(void) {
    usart_irq_handler(1);
}

static void usart2_irq(void) {
    usart_irq_handler(2);
}

static void usart3_irq(void) {
    usart_irq_handler(3);
}

static void uart4_irq(void) {
    usart_irq_handler(4);
}

static void uart5_irq(void) {
    usart_irq_handler(5);
}

static void usart6_irq(void) {
    usart_irq_handler(6);
}

#define VECTOR_OF_IRQ(n) (16 + (n))

__attribute__((section(".vectors"), used)) const vector_t vectors[VECTOR_OF_IRQ(82)] = {
    [0] = (vector_t)&_stack_top,
    [1] = reset_handler,
    [2 ... 14] = fault_handler,
    [15] = systick_handler,
    [VECTOR_OF_IRQ(0) ... VECTOR_OF_IRQ(36)] = fault_handler,
    [VECTOR_OF_IRQ(37)] = usart1_irq,
    [VECTOR_OF_IRQ(38)] = usart2_irq,
    [VECTOR_OF_IRQ(39)] = usart3_irq,
    [VECTOR_OF_IRQ(40) ... VECTOR_OF_IRQ(51)] = fault_handler,
    [VECTOR_OF_IRQ(52)] = uart4_irq,
    [VECTOR_OF_IRQ(53)] = uart5_irq,
    [VECTOR_OF_IRQ(54) ... VECTOR_OF_IRQ(70)] = fault_handler,
    [VECTOR_OF_IRQ(71)] = usart6_irq,
    [VECTOR_OF_IRQ(72) ... VECTOR_OF_IRQ(81)] = fault_handler,
};
