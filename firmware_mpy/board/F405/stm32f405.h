// The registers of the STM32F405 that this board touches; names as in RM0090, offsets as in its register maps.
#pragma once
#include <stdbool.h>
#include <stdint.h>

#define SYSCLK_HZ (168000000)
#define APB1_HZ (42000000)      // TIM2..7 count at twice this, since the APB1 prescaler is not 1 (RM0090 7.2)
#define APB2_HZ (84000000)
#define APB1_TIMER_HZ (84000000)

#define FLASH_START (0x08000000u)
#define FLASH_END (0x08100000u)

typedef volatile uint32_t reg32_t;

typedef struct {  // RM0090 30.6
    reg32_t SR, DR, BRR, CR1, CR2, CR3, GTPR;
} usart_regs_t;
#define USART_SR_ORE (1u << 3)
#define USART_SR_RXNE (1u << 5)
#define USART_SR_TC (1u << 6)
#define USART_SR_TXE (1u << 7)
#define USART_CR1_RE (1u << 2)
#define USART_CR1_TE (1u << 3)
#define USART_CR1_RXNEIE (1u << 5)
#define USART_CR1_PS (1u << 9)
#define USART_CR1_PCE (1u << 10)
#define USART_CR1_M (1u << 12)
#define USART_CR1_UE (1u << 13)
#define USART_CR2_STOP_2 (2u << 12)

typedef struct {  // RM0090 8.4
    reg32_t MODER, OTYPER, OSPEEDR, PUPDR, IDR, ODR, BSRR, LCKR, AFR[2];
} gpio_regs_t;
#define GPIO_PORTS (9)  // A..I
#define GPIO(port) ((gpio_regs_t *)(0x40020000u + 0x400u * (port)))
#define GPIO_MODER_INPUT (0u)
#define GPIO_MODER_OUTPUT (1u)
#define GPIO_MODER_ALTERNATE (2u)
#define GPIO_MODER_ANALOG (3u)

typedef struct {  // RM0090 18.4
    reg32_t CR1, CR2, SMCR, DIER, SR, EGR, CCMR[2], CCER, CNT, PSC, ARR, reserved, CCR[4];
} timer_regs_t;
#define TIMER(n) ((timer_regs_t *)(0x40000000u + 0x400u * ((n) - 2)))  // TIM2..TIM5
#define TIM_CR1_CEN (1u << 0)
#define TIM_CR1_ARPE (1u << 7)
#define TIM_EGR_UG (1u << 0)

typedef struct {  // RM0090 13.13
    reg32_t SR, CR1, CR2, SMPR[2], JOFR[4], HTR, LTR, SQR1, SQR2, SQR3, JSQR, JDR[4], DR;
} adc_regs_t;
#define ADC1 ((adc_regs_t *)0x40012000u)
#define ADC_CCR (*(reg32_t *)0x40012304u)
#define ADC_SR_EOC (1u << 1)
#define ADC_CR2_ADON (1u << 0)
#define ADC_CR2_SWSTART (1u << 30)
#define ADC_CCR_TSVREFE (1u << 23)

// RM0090 7.3: clock enables. QEMU has no RCC and ignores them.
#define RCC_AHB1ENR (*(reg32_t *)0x40023830u)
#define RCC_APB1ENR (*(reg32_t *)0x40023840u)
#define RCC_APB2ENR (*(reg32_t *)0x40023844u)

// PM0214 4.3..4.5: the core's own peripherals.
#define SYSTICK_CTRL (*(reg32_t *)0xE000E010u)
#define SYSTICK_LOAD (*(reg32_t *)0xE000E014u)
#define SYSTICK_VAL (*(reg32_t *)0xE000E018u)
#define SYSTICK_CTRL_RUN (7u)  // core clock, interrupt, enable
#define SCB_ICSR (*(reg32_t *)0xE000ED04u)
#define SCB_ICSR_PENDSTSET (1u << 26)
#define SCB_VTOR (*(reg32_t *)0xE000ED08u)
#define SCB_AIRCR (*(reg32_t *)0xE000ED0Cu)
#define SCB_AIRCR_SYSRESETREQ (0x05FA0004u)  // with the key that the register wants
#define SCB_CFSR (*(reg32_t *)0xE000ED28u)
#define SCB_HFSR (*(reg32_t *)0xE000ED2Cu)
#define SCB_BFAR (*(reg32_t *)0xE000ED38u)
#define NVIC_ISER ((reg32_t *)0xE000E100u)
#define NVIC_ICER ((reg32_t *)0xE000E180u)

static inline void nvic_enable(unsigned irqn) {
    NVIC_ISER[irqn / 32] = 1u << (irqn % 32);
}

static inline void nvic_disable(unsigned irqn) {
    NVIC_ICER[irqn / 32] = 1u << (irqn % 32);
    // so that no interrupt is taken after this returns (PM0214 2.2.4)
    __asm volatile ("dsb\n isb" ::: "memory");
}
