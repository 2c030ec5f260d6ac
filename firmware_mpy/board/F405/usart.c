// QEMU gives a USART one byte at a time and keeps the rest with the host until DR is read. So no byte can be lost on
// the way in, except here: when the ring is full. RM0090 chapter 30.
#include "stm32f405.h"
#include "hal.h"
#include "usart.h"
#include "world.h"

#define LINK_USART (2)

// An idle line is told by time, since QEMU does not model SR.IDLE. Two ticks are at least 1 ms, a character at 9600 baud.
#define IDLE_MS (2)

typedef struct {
    usart_regs_t *regs;
    uint8_t irqn;
    uint8_t rcc_bit;
    bool apb2;
} usart_hw_t;

static const usart_hw_t hw[USART_COUNT] = {
    { (usart_regs_t *)0x40011000, 37, 4, true },
    { (usart_regs_t *)0x40004400, 38, 17, false },
    { (usart_regs_t *)0x40004800, 39, 18, false },
    { (usart_regs_t *)0x40004C00, 52, 19, false },
    { (usart_regs_t *)0x40005000, 53, 20, false },
    { (usart_regs_t *)0x40011400, 71, 5, true },
};

static usart_t state[USART_COUNT];

usart_t *usart_get(unsigned id) {
    return &state[id - 1];
}

void usart_enable(unsigned id, const usart_config_t *config, uint8_t *buf, size_t size) {
    const usart_hw_t *h = &hw[id - 1];
    usart_t *u = usart_get(id);
    usart_disable(id);
    u->rx = (ringbuf_t) { .buf = buf, .size = size };
    u->config = *config;
    u->overruns = 0;
    u->busy = u->held = false;

    if (h->apb2) {
        RCC_APB2ENR |= 1u << h->rcc_bit;
    } else {
        RCC_APB1ENR |= 1u << h->rcc_bit;
    }
    uint32_t cr1 = USART_CR1_UE | USART_CR1_TE | USART_CR1_RE | USART_CR1_RXNEIE;
    if (config->parity != USART_PARITY_NONE) {
        cr1 |= USART_CR1_M | USART_CR1_PCE;  // the parity bit is a ninth
        cr1 |= config->parity == USART_PARITY_ODD ? USART_CR1_PS : 0;
    }
    uint32_t clock = h->apb2 ? APB2_HZ : APB1_HZ;
    h->regs->BRR = (clock + config->baudrate / 2) / config->baudrate;  // 16 samples a bit: the divider as it is
    h->regs->CR2 = config->stop_bits == 2 ? USART_CR2_STOP_2 : 0;
    h->regs->CR1 = cr1;
    nvic_enable(h->irqn);
}

void usart_disable(unsigned id) {
    nvic_disable(hw[id - 1].irqn);
    hw[id - 1].regs->CR1 = 0;
    usart_get(id)->busy = false;
}

static void event(usart_t *u, usart_event_t e) {
    if (u->on_event) {
        u->on_event(u->owner, e);
    }
}

void usart_irq_handler(unsigned id) {
    const usart_hw_t *h = &hw[id - 1];
    usart_t *u = usart_get(id);
    uint32_t sr = h->regs->SR;
    if (!(sr & (USART_SR_RXNE | USART_SR_ORE))) {
        return;
    }
    bool full = ringbuf_free(&u->rx) == 0;
    if (full && u->config.hold) {
        // Masked here and not by RXNEIE: on QEMU 7.2 clearing RXNEIE does not lower the interrupt line.
        u->held = true;
        nvic_disable(h->irqn);
        event(u, USART_EVENT_RX);
        return;
    }
    uint8_t byte = h->regs->DR;  // SR, then DR: clears RXNE and ORE
    if (sr & USART_SR_ORE) {
        u->overruns += 1;
    }
    if (u->filter && u->filter(byte)) {
        return;
    }
    if (full) {
        u->overruns += 1;
    } else {
        ringbuf_put(&u->rx, byte);
        u->last_rx_ms = uptime_ms;
        u->busy = true;
    }
    event(u, USART_EVENT_RX);
}

void usart_idle_tick(uint32_t now_ms) {
    for (usart_t *u = state; u < &state[USART_COUNT]; ++u) {
        if (u->busy && now_ms - u->last_rx_ms >= IDLE_MS) {
            u->busy = false;
            event(u, USART_EVENT_IDLE);
        }
    }
}

int usart_getc(unsigned id) {
    usart_t *u = usart_get(id);
    int c = ringbuf_get(&u->rx);
    if (u->held) {
        u->held = false;
        nvic_enable(hw[id - 1].irqn);
    }
    return c;
}

// A byte that the world brings, as if it had come over the line.
void usart_feed(unsigned id, uint8_t byte) {
    usart_t *u = usart_get(id);
    if (ringbuf_free(&u->rx) == 0) {
        u->overruns += 1;
    } else {
        ringbuf_put(&u->rx, byte);
        u->last_rx_ms = uptime_ms;
        u->busy = true;
    }
    event(u, USART_EVENT_RX);
}

void usart_putc(unsigned id, uint8_t byte) {
    if (id == LINK_USART && world_has_link()) {
        world_link_put(byte);
        return;
    }
    while (!(hw[id - 1].regs->SR & USART_SR_TXE)) {
    }
    hw[id - 1].regs->DR = byte;
}

bool usart_tx_complete(unsigned id) {
    if (id == LINK_USART && world_has_link()) {
        return world_link_sent();
    }
    return hw[id - 1].regs->SR & USART_SR_TC;
}

size_t usart_available(unsigned id) {
    return ringbuf_avail(&usart_get(id)->rx);
}
