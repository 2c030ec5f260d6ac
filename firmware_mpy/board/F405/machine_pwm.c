// Included by extmod/machine_pwm.c: machine.PWM on the channels of TIM2, TIM3 and TIM4 (RM0090 chapter 18).
// TIM5 is the board's free-running counter; its pins PA0..PA3 are channels of TIM2 too.
#include "machine_pin.h"
#include "machine_pwm.h"
#include "stm32f405.h"

#define PWM_FIRST_TIMER (2)
#define PWM_TIMERS (3)
#define PWM_CHANNELS (4)
#define PWM_FREQ_DEFAULT (1000)
#define PWM_FREQ_MAX (1000000)  // leaves 84 steps of duty
#define DUTY_FULL (65535)
#define NS_PER_S (1000000000)

typedef struct {
    char port;
    uint8_t pin, timer, channel;
} pwm_pin_t;

// STM32F405 datasheet (DS8626) table 9
static const pwm_pin_t pwm_pins[] = {
    { 'A', 0, 2, 1 }, { 'A', 1, 2, 2 }, { 'A', 2, 2, 3 }, { 'A', 3, 2, 4 }, { 'A', 5, 2, 1 }, { 'A', 15, 2, 1 },
    { 'B', 3, 2, 2 }, { 'B', 10, 2, 3 }, { 'B', 11, 2, 4 },
    { 'A', 6, 3, 1 }, { 'A', 7, 3, 2 }, { 'B', 4, 3, 1 }, { 'B', 5, 3, 2 }, { 'B', 0, 3, 3 }, { 'B', 1, 3, 4 },
    { 'C', 6, 3, 1 }, { 'C', 7, 3, 2 }, { 'C', 8, 3, 3 }, { 'C', 9, 3, 4 },
    { 'B', 6, 4, 1 }, { 'B', 7, 4, 2 }, { 'B', 8, 4, 3 }, { 'B', 9, 4, 4 },
    { 'D', 12, 4, 1 }, { 'D', 13, 4, 2 }, { 'D', 14, 4, 3 }, { 'D', 15, 4, 4 },
};

struct _machine_pwm_obj_t {
    mp_obj_base_t base;
    const machine_pin_obj_t *pin;
    uint8_t timer, channel;
};

// A timer has one frequency for its four channels. The duties are kept, to set them anew when it changes.
static struct {
    uint32_t freq;
    uint16_t duty_u16[PWM_CHANNELS];
} pwm_timers[PWM_TIMERS];

static uint32_t *pwm_freq(machine_pwm_obj_t *self) {
    return &pwm_timers[self->timer - PWM_FIRST_TIMER].freq;
}

static uint16_t *pwm_duty(machine_pwm_obj_t *self) {
    return &pwm_timers[self->timer - PWM_FIRST_TIMER].duty_u16[self->channel - 1];
}

static void pwm_write_duty(timer_regs_t *timer, unsigned channel, uint16_t duty_u16) {
    uint32_t period = timer->ARR + 1;
    timer->CCR[channel - 1] = (duty_u16 * period + DUTY_FULL / 2) / DUTY_FULL;  // below 2^32: both are 16 bits
}

static void pwm_set_duty(machine_pwm_obj_t *self, mp_int_t duty_u16) {
    *pwm_duty(self) = MIN(MAX(duty_u16, 0), DUTY_FULL);
    pwm_write_duty(TIMER(self->timer), self->channel, *pwm_duty(self));
}

static void pwm_set_freq(machine_pwm_obj_t *self, mp_int_t freq) {
    if (freq < 1 || freq > PWM_FREQ_MAX) {
        mp_raise_ValueError(MP_ERROR_TEXT("invalid freq"));
    }
    *pwm_freq(self) = freq;
    uint32_t cycles = APB1_TIMER_HZ / freq;
    uint32_t prescaler = cycles / 65535 + 1;  // the period stays below 65536, as a full duty is one more than ARR
    timer_regs_t *timer = TIMER(self->timer);
    timer->PSC = prescaler - 1;
    timer->ARR = cycles / prescaler - 1;
    for (unsigned channel = 1; channel <= PWM_CHANNELS; ++channel) {
        pwm_write_duty(timer, channel, pwm_timers[self->timer - PWM_FIRST_TIMER].duty_u16[channel - 1]);
    }
    timer->EGR = TIM_EGR_UG;  // PSC is only taken over at an update
}

static mp_int_t pwm_duty_of_ns(machine_pwm_obj_t *self, mp_int_t duty_ns) {
    uint64_t duty_u16 = ((uint64_t)MAX(duty_ns, 0) * *pwm_freq(self) * DUTY_FULL + NS_PER_S / 2) / NS_PER_S;
    return MIN(duty_u16, DUTY_FULL);
}

// PWM mode 1 with preload (OCxM = 110, OCxPE), two channels a register
static void pwm_start_channel(machine_pwm_obj_t *self) {
    timer_regs_t *timer = TIMER(self->timer);
    unsigned index = self->channel - 1;
    unsigned shift = 8 * (index % 2);
    timer->CCMR[index / 2] = (timer->CCMR[index / 2] & ~(0xFFu << shift)) | (0x68u << shift);
    timer->CCER |= 1u << (4 * index);
    timer->CR1 |= TIM_CR1_CEN | TIM_CR1_ARPE;
    machine_pin_set_alternate(self->pin, self->timer == 2 ? 1 : 2);
}

static void mp_machine_pwm_print(const mp_print_t *print, mp_obj_t self_in, mp_print_kind_t kind) {
    machine_pwm_obj_t *self = MP_OBJ_TO_PTR(self_in);
    mp_printf(print, "PWM(Pin.cpu.%c%u, freq=%u, duty_u16=%u, timer=%u, channel=%u)", 'A' + self->pin->port, self->pin->pin,
        (unsigned)*pwm_freq(self), *pwm_duty(self), self->timer, self->channel);
}

static void mp_machine_pwm_init_helper(machine_pwm_obj_t *self, size_t n_args, const mp_obj_t *pos_args, mp_map_t *kw_args) {
    enum { ARG_freq, ARG_duty_u16, ARG_duty_ns };
    static const mp_arg_t allowed_args[] = {
        { MP_QSTR_freq, MP_ARG_INT, {.u_int = -1} },
        { MP_QSTR_duty_u16, MP_ARG_INT, {.u_int = -1} },
        { MP_QSTR_duty_ns, MP_ARG_INT, {.u_int = -1} },
    };
    mp_arg_val_t args[MP_ARRAY_SIZE(allowed_args)];
    mp_arg_parse_all(n_args, pos_args, kw_args, MP_ARRAY_SIZE(allowed_args), allowed_args, args);
    if (args[ARG_freq].u_int != -1) {
        pwm_set_freq(self, args[ARG_freq].u_int);
    } else if (*pwm_freq(self) == 0) {
        pwm_set_freq(self, PWM_FREQ_DEFAULT);
    }
    if (args[ARG_duty_u16].u_int != -1) {
        pwm_set_duty(self, args[ARG_duty_u16].u_int);
    } else if (args[ARG_duty_ns].u_int != -1) {
        pwm_set_duty(self, pwm_duty_of_ns(self, args[ARG_duty_ns].u_int));
    }
    pwm_start_channel(self);
}

static mp_obj_t mp_machine_pwm_make_new(const mp_obj_type_t *type, size_t n_args, size_t n_kw, const mp_obj_t *args) {
    mp_arg_check_num(n_args, n_kw, 1, MP_OBJ_FUN_ARGS_MAX, true);
    const machine_pin_obj_t *pin = machine_pin_find(args[0]);
    const pwm_pin_t *found = NULL;
    for (size_t i = 0; i < MP_ARRAY_SIZE(pwm_pins); ++i) {
        if (pwm_pins[i].port - 'A' == pin->port && pwm_pins[i].pin == pin->pin) {
            found = &pwm_pins[i];
        }
    }
    if (found == NULL) {
        mp_raise_msg_varg(&mp_type_ValueError, MP_ERROR_TEXT("Pin(%c%d) doesn't have PWM"), 'A' + pin->port, pin->pin);
    }
    machine_pwm_obj_t *self = mp_obj_malloc(machine_pwm_obj_t, type);
    self->pin = pin;
    self->timer = found->timer;
    self->channel = found->channel;
    RCC_APB1ENR |= 1u << (self->timer - 2);
    mp_map_t kw_args;
    mp_map_init_fixed_table(&kw_args, n_kw, args + n_args);
    mp_machine_pwm_init_helper(self, n_args - 1, args + 1, &kw_args);
    return MP_OBJ_FROM_PTR(self);
}

static void mp_machine_pwm_deinit(machine_pwm_obj_t *self) {
    *pwm_duty(self) = 0;
    TIMER(self->timer)->CCER &= ~(1u << (4 * (self->channel - 1)));
    machine_pin_set_mode(self->pin, GPIO_MODER_INPUT);
}

uint16_t machine_pwm_duty(unsigned timer, unsigned channel) {
    bool exists = timer >= PWM_FIRST_TIMER && timer < PWM_FIRST_TIMER + PWM_TIMERS && channel >= 1 && channel <= PWM_CHANNELS;
    return exists ? pwm_timers[timer - PWM_FIRST_TIMER].duty_u16[channel - 1] : 0;
}

void machine_pwm_stop_all(void) {
    for (unsigned n = 0; n < PWM_TIMERS; ++n) {
        if (pwm_timers[n].freq != 0) {
            TIMER(PWM_FIRST_TIMER + n)->CCER = 0;
            TIMER(PWM_FIRST_TIMER + n)->CR1 = 0;
        }
    }
    memset(pwm_timers, 0, sizeof(pwm_timers));
}

static mp_obj_t mp_machine_pwm_freq_get(machine_pwm_obj_t *self) {
    return MP_OBJ_NEW_SMALL_INT(*pwm_freq(self));
}

static void mp_machine_pwm_freq_set(machine_pwm_obj_t *self, mp_int_t freq) {
    pwm_set_freq(self, freq);
}

static mp_obj_t mp_machine_pwm_duty_get_u16(machine_pwm_obj_t *self) {
    return MP_OBJ_NEW_SMALL_INT(*pwm_duty(self));
}

static void mp_machine_pwm_duty_set_u16(machine_pwm_obj_t *self, mp_int_t duty_u16) {
    pwm_set_duty(self, duty_u16);
}

static mp_obj_t mp_machine_pwm_duty_get_ns(machine_pwm_obj_t *self) {
    return mp_obj_new_int_from_uint((uint64_t)*pwm_duty(self) * NS_PER_S / DUTY_FULL / *pwm_freq(self));
}

static void mp_machine_pwm_duty_set_ns(machine_pwm_obj_t *self, mp_int_t duty_ns) {
    pwm_set_duty(self, pwm_duty_of_ns(self, duty_ns));
}
