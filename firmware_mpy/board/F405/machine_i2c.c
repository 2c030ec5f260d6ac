// machine.I2C(id) with the one device that the world has on its bus: an MPU-6050 at 0x68 (register map RM-MPU-6000A).
// QEMU's netduinoplus2 has no I2C, so without a world nothing answers.
#include "py/mperrno.h"
#include "py/runtime.h"
#include "world.h"

#define MPU_ADDRESS (0x68)
#define MPU_FIRST (0x3B)            // ACCEL_XOUT_H
#define MPU_WHO_AM_I (0x75)

typedef struct {
    mp_obj_base_t base;
} machine_i2c_obj_t;

static mp_obj_t i2c_make_new(const mp_obj_type_t *type, size_t n_args, size_t n_kw, const mp_obj_t *args) {
    (void)args;
    mp_arg_check_num(n_args, n_kw, 1, MP_OBJ_FUN_ARGS_MAX, true);
    return MP_OBJ_FROM_PTR(mp_obj_malloc(machine_i2c_obj_t, type));
}

static const uint8_t *device(mp_obj_t address) {
    const uint8_t *registers = mp_obj_get_int(address) == MPU_ADDRESS ? world_imu() : NULL;
    if (registers == NULL) {
        mp_raise_OSError(MP_ENODEV);
    }
    return registers;
}

static mp_obj_t i2c_readfrom_mem_into(size_t n_args, const mp_obj_t *args) {
    (void)n_args;
    const uint8_t *registers = device(args[1]);
    unsigned at = mp_obj_get_int(args[2]);
    mp_buffer_info_t buf;
    mp_get_buffer_raise(args[3], &buf, MP_BUFFER_WRITE);
    for (size_t i = 0; i < buf.len; ++i, ++at) {
        bool is_data = at >= MPU_FIRST && at < MPU_FIRST + WORLD_IMU_BYTES;
        ((uint8_t *)buf.buf)[i] = is_data ? registers[at - MPU_FIRST] : at == MPU_WHO_AM_I ? MPU_ADDRESS : 0;
    }
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(i2c_readfrom_mem_into_obj, 4, 4, i2c_readfrom_mem_into);

// Its settings are those of a start with +-2 g and +-250 degrees/s; what is written makes no difference.
static mp_obj_t i2c_writeto_mem(size_t n_args, const mp_obj_t *args) {
    (void)n_args;
    device(args[1]);
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(i2c_writeto_mem_obj, 4, 4, i2c_writeto_mem);

static mp_obj_t i2c_scan(mp_obj_t self_in) {
    (void)self_in;
    mp_obj_t list = mp_obj_new_list(0, NULL);
    if (world_imu() != NULL) {
        mp_obj_list_append(list, MP_OBJ_NEW_SMALL_INT(MPU_ADDRESS));
    }
    return list;
}
static MP_DEFINE_CONST_FUN_OBJ_1(i2c_scan_obj, i2c_scan);

static const mp_rom_map_elem_t i2c_locals_table[] = {
    { MP_ROM_QSTR(MP_QSTR_readfrom_mem_into), MP_ROM_PTR(&i2c_readfrom_mem_into_obj) },
    { MP_ROM_QSTR(MP_QSTR_writeto_mem), MP_ROM_PTR(&i2c_writeto_mem_obj) },
    { MP_ROM_QSTR(MP_QSTR_scan), MP_ROM_PTR(&i2c_scan_obj) },
};
static MP_DEFINE_CONST_DICT(i2c_locals, i2c_locals_table);

MP_DEFINE_CONST_OBJ_TYPE(
    machine_world_i2c_type, MP_QSTR_I2C, MP_TYPE_FLAG_NONE,
    make_new, i2c_make_new,
    locals_dict, &i2c_locals
    );
