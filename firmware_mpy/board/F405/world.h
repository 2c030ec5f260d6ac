// The simulated world around the chip: what the host's program has on the pins, exchanged every 5 ms of virtual time.
#pragma once
#include <stdbool.h>
#include <stdint.h>

#define WORLD_PERIOD_MS (5)
#define WORLD_PORTS (3)         // A to C
#define WORLD_RANGERS (3)
#define WORLD_ENCODERS (2)
#define WORLD_MOTORS (2)
#define WORLD_ADC_CHANNELS (16)
#define WORLD_IMU_BYTES (14)    // MPU-6050 registers 0x3B to 0x48

bool world_is_there(void);
void world_tick(uint32_t now_ms);               // from SysTick
uint16_t world_level(unsigned port);            // of inputs that the world drives
uint16_t world_adc(unsigned channel);           // 0 to 65535
bool world_encoder(unsigned timer, int32_t *count);
const uint8_t *world_imu(void);                 // NULL: it does not answer
void world_note_output(unsigned port, unsigned pin, bool level);
bool world_edge_time(uint32_t *us);             // while an edge is handled: when it was

bool world_has_link(void);
void world_link_put(uint8_t byte);
bool world_link_sent(void);
