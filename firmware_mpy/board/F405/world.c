// One exchange: a record of what the chip does goes to the FIFO world.out, one of what it senses comes from world.in.
// Both are files of the emulator's host (semihosting.c), and a read blocks the processor: virtual time stands still
// until the world has answered, so a run is the same however long that takes.
#include "py/mphal.h"
#include "py/ringbuf.h"
#include "hal.h"
#include "machine_pin.h"
#include "machine_pwm.h"
#include "semihosting.h"
#include "usart.h"
#include "world.h"

#define LINK_USART (2)
#define LINK_BYTES (64)         // of either direction in one exchange: 57 at 115,200 baud
#define ECHO_DELAY_US (450)     // of an HC-SR04: the burst goes out before the echo pin rises

typedef struct __attribute__((packed)) {
    uint32_t time_ms;
    uint16_t level[WORLD_PORTS];    // of outputs
    uint16_t duty[WORLD_MOTORS];    // 0 to 65535
    uint16_t fired;                 // rangers whose trigger fell since the last exchange
    uint16_t link_bytes;            // that follow
} outputs_t;

typedef struct __attribute__((packed)) {
    int32_t encoder[WORLD_ENCODERS];
    uint32_t echo_us[WORLD_RANGERS];
    uint16_t adc[WORLD_ADC_CHANNELS];
    uint16_t level[WORLD_PORTS];
    uint8_t imu[WORLD_IMU_BYTES];
    uint8_t imu_answers;
    // What is wired to what: pins are port * 16 + pin; the host takes it from the car's own table of pins.
    uint8_t trigger[WORLD_RANGERS], echo[WORLD_RANGERS];
    uint8_t encoder_timer[WORLD_ENCODERS];
    uint8_t motor[WORLD_MOTORS];    // timer * 16 + channel
    uint16_t link_bytes;            // that follow
} inputs_t;

static struct {
    bool is_open, has_inputs;
    int in, out;
    inputs_t inputs;
    uint16_t level[WORLD_PORTS];
    uint16_t fired;
    uint32_t rise_us[WORLD_RANGERS], fall_us[WORLD_RANGERS];
    bool rises[WORLD_RANGERS], falls[WORLD_RANGERS];
    bool in_edge;
    uint32_t edge_us;
    uint32_t link_credit;           // bytes that the line may have carried, in 1/10,000
} world;

static uint8_t sent_buf[256 + 1];
static ringbuf_t sent = { .buf = sent_buf, .size = sizeof(sent_buf) };

bool world_is_there(void) {
    return emulator_has(EMULATOR_HAS_WORLD);
}

bool world_has_link(void) {
    return emulator_has(EMULATOR_HAS_WORLD | EMULATOR_HAS_WORLD_LINK);
}

static void read_all(void *data, unsigned size) {
    uint8_t *at = data;
    while (size > 0) {
        int got = semihosting_read(world.in, at, size);
        if (got <= 0) {
            for (;;) {                  // the world has ended, and the emulator is about to
                __asm volatile ("wfi");
            }
        }
        at += got;
        size -= got;
    }
}

static void set_level(unsigned pin, bool level) {
    uint16_t mask = 1u << (pin & 15);
    uint16_t before = world.level[pin >> 4];
    world.level[pin >> 4] = level ? before | mask : before & ~mask;
    if (!(before & mask) != !level) {
        machine_pin_edge(pin >> 4, pin & 15, level);
    }
}

static void edge_at(unsigned pin, bool level, uint32_t us) {
    world.edge_us = us;
    world.in_edge = true;
    set_level(pin, level);
    world.in_edge = false;
}

bool world_edge_time(uint32_t *us) {
    *us = world.edge_us;
    return world.in_edge;
}

// Edges come up to 1 ms late, with the tick; whoever handles one is told when it was.
static void play_echoes(uint32_t now_us) {
    for (unsigned i = 0; i < WORLD_RANGERS; ++i) {
        if (world.rises[i] && (int32_t)(now_us - world.rise_us[i]) >= 0) {
            world.rises[i] = false;
            edge_at(world.inputs.echo[i], true, world.rise_us[i]);
        }
        if (world.falls[i] && !world.rises[i] && (int32_t)(now_us - world.fall_us[i]) >= 0) {
            world.falls[i] = false;
            edge_at(world.inputs.echo[i], false, world.fall_us[i]);
        }
    }
}

static void send_link(outputs_t *outputs, uint8_t *bytes) {
    world.link_credit += usart_get(LINK_USART)->config.baudrate * WORLD_PERIOD_MS;
    uint32_t most = MIN(world.link_credit / 10000, LINK_BYTES);
    unsigned count = 0;
    while (count < most && ringbuf_avail(&sent) > 0) {
        bytes[count++] = ringbuf_get(&sent);
    }
    // An idle line saves nothing up.
    world.link_credit = ringbuf_avail(&sent) > 0 ? world.link_credit - 10000 * count : world.link_credit % 10000;
    outputs->link_bytes = count;
}

static void exchange(uint32_t now_ms) {
    static struct __attribute__((packed)) {
        outputs_t head;
        uint8_t link[LINK_BYTES];
    } outputs;
    static uint8_t received[LINK_BYTES];
    outputs.head.time_ms = now_ms;
    for (unsigned port = 0; port < WORLD_PORTS; ++port) {
        outputs.head.level[port] = machine_pin_outputs(port);
    }
    for (unsigned i = 0; i < WORLD_MOTORS; ++i) {
        uint8_t motor = world.inputs.motor[i];
        outputs.head.duty[i] = world.has_inputs ? machine_pwm_duty(motor >> 4, motor & 15) : 0;
    }
    outputs.head.fired = world.fired;
    send_link(&outputs.head, outputs.link);
    semihosting_write(world.out, &outputs, sizeof(outputs.head) + outputs.head.link_bytes);
    read_all(&world.inputs, sizeof(world.inputs));
    read_all(received, MIN(world.inputs.link_bytes, LINK_BYTES));
    for (unsigned i = 0; i < world.inputs.link_bytes; ++i) {
        usart_feed(LINK_USART, received[i]);
    }
    world.has_inputs = true;
}

static void start_echoes(uint16_t fired, uint32_t now_us) {
    for (unsigned i = 0; i < WORLD_RANGERS; ++i) {
        if ((fired & 1u << i) && world.inputs.echo_us[i] > 0) {     // 0: it does not answer
            world.rise_us[i] = now_us + ECHO_DELAY_US;
            world.fall_us[i] = world.rise_us[i] + world.inputs.echo_us[i];
            world.rises[i] = world.falls[i] = true;
        }
    }
}

static bool is_echo(unsigned pin) {
    for (unsigned i = 0; i < WORLD_RANGERS; ++i) {
        if (world.inputs.echo[i] == pin) {
            return true;
        }
    }
    return false;
}

static void take_levels(void) {
    for (unsigned pin = 0; pin < 16 * WORLD_PORTS; ++pin) {
        if (!is_echo(pin)) {
            set_level(pin, world.inputs.level[pin >> 4] >> (pin & 15) & 1);
        }
    }
}

void world_tick(uint32_t now_ms) {
    if (!world_is_there()) {
        return;
    }
    if (!world.is_open) {
        world.out = semihosting_open("world.out", SEMIHOSTING_WRITE);
        world.in = semihosting_open("world.in", SEMIHOSTING_READ);
        world.is_open = true;
    }
    if (now_ms % WORLD_PERIOD_MS == 0) {
        uint16_t fired = world.fired;
        exchange(now_ms);
        world.fired = 0;
        take_levels();
        start_echoes(fired, 1000 * now_ms);
    }
    play_echoes(1000 * now_ms);
}

void world_note_output(unsigned port, unsigned pin, bool level) {
    if (level || !world.has_inputs || port >= WORLD_PORTS) {
        return;
    }
    for (unsigned i = 0; i < WORLD_RANGERS; ++i) {
        // A ranger that still waits for its echo does not fire.
        if (world.inputs.trigger[i] == 16 * port + pin && !world.rises[i] && !world.falls[i]) {
            world.fired |= 1u << i;
        }
    }
}

uint16_t world_level(unsigned port) {
    return port < WORLD_PORTS ? world.level[port] : 0;
}

uint16_t world_adc(unsigned channel) {
    return channel < WORLD_ADC_CHANNELS ? world.inputs.adc[channel] : 0;
}

bool world_encoder(unsigned timer, int32_t *count) {
    for (unsigned i = 0; i < WORLD_ENCODERS; ++i) {
        if (world.has_inputs && world.inputs.encoder_timer[i] == timer) {
            *count = world.inputs.encoder[i];
            return true;
        }
    }
    return false;
}

const uint8_t *world_imu(void) {
    return world.has_inputs && world.inputs.imu_answers ? world.inputs.imu : NULL;
}

void world_link_put(uint8_t byte) {
    while (ringbuf_free(&sent) == 0) {
        __asm volatile ("wfi");     // the next exchange makes room
    }
    ringbuf_put(&sent, byte);
}

bool world_link_sent(void) {
    return ringbuf_avail(&sent) == 0;
}
