// USART1..6, interrupt-driven receive. The layer below both machine.UART and the REPL.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "py/ringbuf.h"

#define USART_COUNT (6)
#define USART_CONSOLE (1)

typedef enum { USART_PARITY_NONE, USART_PARITY_EVEN, USART_PARITY_ODD } usart_parity_t;

typedef enum {
    USART_EVENT_IDLE = 1 << 4,  // bytes have come in, and none since for a while; the bit of SR.IDLE
    USART_EVENT_RX = 1 << 5,    // a byte has come in, or waits because the ring is full; the bit of SR.RXNE
} usart_event_t;

typedef struct {
    uint32_t baudrate;
    usart_parity_t parity;
    uint8_t stop_bits;
    bool hold;              // ring full: true leaves the byte in DR and holds the peer back, false drops and counts it
} usart_config_t;

typedef struct {
    ringbuf_t rx;
    usart_config_t config;
    volatile uint32_t overruns;     // bytes dropped since usart_enable
    volatile uint32_t last_rx_ms;
    volatile bool busy;             // bytes since the last idle event
    volatile bool held;             // the interrupt is masked and a byte waits in DR
    // Called in the interrupt with each byte, before it goes into the ring; true: it is consumed.
    bool (*filter)(uint8_t byte);
    void (*on_event)(void *owner, usart_event_t event);
    void *owner;
} usart_t;

usart_t *usart_get(unsigned id);

// buf has one byte more than the ring is to hold.
void usart_enable(unsigned id, const usart_config_t *config, uint8_t *buf, size_t size);
void usart_disable(unsigned id);

int usart_getc(unsigned id);  // -1: nothing there
void usart_putc(unsigned id, uint8_t byte);
void usart_feed(unsigned id, uint8_t byte);
bool usart_tx_complete(unsigned id);
size_t usart_available(unsigned id);

void usart_irq_handler(unsigned id);
void usart_idle_tick(uint32_t now_ms);
