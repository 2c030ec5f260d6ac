#pragma once
#include <stdint.h>

// At a soft reset: what the pins drive must not go on without a program.
void machine_pwm_stop_all(void);

// As it was set, 0 to 65535; 0 for a channel that there is not.
uint16_t machine_pwm_duty(unsigned timer, unsigned channel);
