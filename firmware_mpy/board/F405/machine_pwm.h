#pragma once

// At a soft reset: what the pins drive must not go on without a program.
void machine_pwm_stop_all(void);
