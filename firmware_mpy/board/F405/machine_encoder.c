// machine.Encoder(id, phase_a, phase_b): a timer's count of quadrature edges, which the world has. QEMU's timers have
// no encoder mode, so without a world there is none.
#include "py/mperrno.h"
#include "py/runtime.h"
#include "machine_pin.h"
#include "world.h"

typedef struct {
    mp_obj_base_t base;
    uint8_t timer;
} machine_encoder_obj_t;

static mp_obj_t encoder_make_new(const mp_obj_type_t *type, size_t n_args, size_t n_kw, const mp_obj_t *args) {
    enum { ARG_id, ARG_phase_a, ARG_phase_b, ARG_phases };
    static const mp_arg_t allowed_args[] = {
        { MP_QSTR_id, MP_ARG_REQUIRED | MP_ARG_INT, {.u_int = 0} },
        { MP_QSTR_phase_a, MP_ARG_REQUIRED | MP_ARG_OBJ, {.u_rom_obj = MP_ROM_NONE} },
        { MP_QSTR_phase_b, MP_ARG_REQUIRED | MP_ARG_OBJ, {.u_rom_obj = MP_ROM_NONE} },
        { MP_QSTR_phases, MP_ARG_KW_ONLY | MP_ARG_INT, {.u_int = 4} },
    };
    mp_arg_val_t parsed[MP_ARRAY_SIZE(allowed_args)];
    mp_arg_parse_all_kw_array(n_args, n_kw, args, MP_ARRAY_SIZE(allowed_args), allowed_args, parsed);
    if (parsed[ARG_phases].u_int != 4) {
        mp_raise_ValueError(MP_ERROR_TEXT("phases must be 4"));
    }
    if (!world_is_there()) {
        mp_raise_OSError(MP_ENODEV);
    }
    machine_encoder_obj_t *self = mp_obj_malloc(machine_encoder_obj_t, type);
    self->timer = parsed[ARG_id].u_int;
    return MP_OBJ_FROM_PTR(self);
}

// In 30 bits, so that it is a small int whatever it has counted.
static mp_obj_t encoder_value(mp_obj_t self_in) {
    machine_encoder_obj_t *self = MP_OBJ_TO_PTR(self_in);
    int32_t count = 0;
    world_encoder(self->timer, &count);
    return MP_OBJ_NEW_SMALL_INT((int32_t)((uint32_t)count << 2) >> 2);
}
static MP_DEFINE_CONST_FUN_OBJ_1(encoder_value_obj, encoder_value);

static const mp_rom_map_elem_t encoder_locals_table[] = {
    { MP_ROM_QSTR(MP_QSTR_value), MP_ROM_PTR(&encoder_value_obj) },
};
static MP_DEFINE_CONST_DICT(encoder_locals, encoder_locals_table);

MP_DEFINE_CONST_OBJ_TYPE(
    machine_encoder_type, MP_QSTR_Encoder, MP_TYPE_FLAG_NONE,
    make_new, encoder_make_new,
    locals_dict, &encoder_locals
    );
