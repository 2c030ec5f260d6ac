// Included by machine_uart.c: UART.irq(). The handler is called with the UART.

static mp_obj_t uart_irq_run(mp_obj_t self_in) {
    machine_uart_obj_t *self = MP_OBJ_TO_PTR(self_in);
    self->irq_scheduled = false;
    mp_uint_t atomic_state = MICROPY_BEGIN_ATOMIC_SECTION();
    self->irq_flags = self->irq_pending;
    self->irq_pending = 0;
    MICROPY_END_ATOMIC_SECTION(atomic_state);
    if (self->enabled && self->irq_flags != 0 && self->irq->handler != mp_const_none) {
        mp_call_function_1(self->irq->handler, self_in);
    }
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(uart_irq_run_obj, uart_irq_run);

// One call is scheduled however many bytes come in before it runs, so that a fast peer cannot fill the scheduler's
// queue. When that is full already, the next idle tick tries again.
static void uart_on_event(void *owner, usart_event_t event) {
    machine_uart_obj_t *self = owner;
    self->irq_pending |= event & self->irq_trigger;
    if (self->irq_pending == 0) {
        return;
    }
    if (self->irq->ishard) {
        self->irq_flags = self->irq_pending;
        self->irq_pending = 0;
        mp_irq_handler(self->irq);
    } else if (!self->irq_scheduled) {
        self->irq_scheduled = mp_sched_schedule(MP_OBJ_FROM_PTR(&uart_irq_run_obj), MP_OBJ_FROM_PTR(self));
        if (!self->irq_scheduled) {
            usart_get(self->id)->busy = true;
        }
    }
}

static mp_uint_t uart_irq_trigger(mp_obj_t self_in, mp_uint_t trigger) {
    machine_uart_obj_t *self = MP_OBJ_TO_PTR(self_in);
    if (trigger & ~(USART_EVENT_RX | USART_EVENT_IDLE)) {
        mp_raise_ValueError(MP_ERROR_TEXT("unsupported trigger"));
    }
    self->irq_trigger = trigger;
    return 0;
}

static mp_uint_t uart_irq_info(mp_obj_t self_in, mp_uint_t info_type) {
    machine_uart_obj_t *self = MP_OBJ_TO_PTR(self_in);
    return info_type == MP_IRQ_INFO_FLAGS ? self->irq_flags : self->irq_trigger;
}

static const mp_irq_methods_t uart_irq_methods = { .trigger = uart_irq_trigger, .info = uart_irq_info };

static mp_irq_obj_t *mp_machine_uart_irq(machine_uart_obj_t *self, bool any_args, mp_arg_val_t *args) {
    if (self->irq == NULL) {
        self->irq = mp_irq_new(&uart_irq_methods, MP_OBJ_FROM_PTR(self));
    }
    if (any_args) {
        self->irq_trigger = 0;
        self->irq->handler = args[MP_IRQ_ARG_INIT_handler].u_obj;
        self->irq->ishard = args[MP_IRQ_ARG_INIT_hard].u_bool;
        uart_irq_trigger(MP_OBJ_FROM_PTR(self), args[MP_IRQ_ARG_INIT_trigger].u_int);
    }
    return self->irq;
}
