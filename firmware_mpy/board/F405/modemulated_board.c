// Module emulated_board: what only this board has. The instruction counter, and the memory that _boot.py mounts.
//
// Under QEMU's `-icount shift=N` an instruction takes 2^N virtual nanoseconds, which TIM5 counts: instructions are ticks >> N.
#include "py/mperrno.h"
#include "py/objarray.h"
#include "py/runtime.h"
#include "hal.h"
#include "semihosting.h"
#include "stm32f405.h"

// Values stay small ints, so that measuring allocates nothing.
#define TICKS_MASK (0x3FFFFFFFu)

#define RAM_DISK_SIZE (12 * 1024)
// The last thing before the heap, to which it belongs where there is a store: see board_main.c.
uint8_t ram_disk[RAM_DISK_SIZE] __attribute__((section(".ram_disk"), aligned(8)));

static uint32_t started_at;

static mp_obj_t board_ticks(void) {
    return MP_OBJ_NEW_SMALL_INT(free_running_ticks() & TICKS_MASK);
}
static MP_DEFINE_CONST_FUN_OBJ_0(board_ticks_obj, board_ticks);

static mp_obj_t board_start(void) {
    started_at = free_running_ticks();
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_0(board_start_obj, board_start);

static mp_obj_t board_stop(void) {
    return MP_OBJ_NEW_SMALL_INT((free_running_ticks() - started_at) & TICKS_MASK);
}
static MP_DEFINE_CONST_FUN_OBJ_0(board_stop_obj, board_stop);

static mp_obj_t board_ramdisk(void) {
    if (emulator_has(EMULATOR_HAS_STORE)) {
        mp_raise_OSError(MP_ENODEV);
    }
    return mp_obj_new_bytearray_by_ref(sizeof(ram_disk), ram_disk);
}
static MP_DEFINE_CONST_FUN_OBJ_0(board_ramdisk_obj, board_ramdisk);

// rom(address, length): flash as a read-only memoryview
static mp_obj_t board_rom(mp_obj_t address_in, mp_obj_t length_in) {
    uint32_t address = mp_obj_get_int_truncated(address_in);
    uint32_t length = mp_obj_get_int_truncated(length_in);
    if (address < FLASH_START || address > FLASH_END || length > FLASH_END - address) {
        mp_raise_ValueError(MP_ERROR_TEXT("not in flash"));
    }
    return mp_obj_new_memoryview('B', length, (void *)address);
}
static MP_DEFINE_CONST_FUN_OBJ_2(board_rom_obj, board_rom);

// The store: a file of the host's that outlives the emulator, as flash outlives a reset.
static int store_file = -1;

// store(): its size in bytes, 0 if there is none
static mp_obj_t board_store(void) {
    if (!emulator_has(EMULATOR_HAS_STORE)) {
        return MP_OBJ_NEW_SMALL_INT(0);
    }
    if (store_file < 0) {
        store_file = semihosting_open("store", SEMIHOSTING_UPDATE);
    }
    return mp_obj_new_int(store_file < 0 ? 0 : semihosting_size(store_file));
}
static MP_DEFINE_CONST_FUN_OBJ_0(board_store_obj, board_store);

// FAT's time stamps: there is no clock, so files are of the first day that FAT knows, in 1980.
uint32_t get_fattime(void);
uint32_t get_fattime(void) {
    return 1 << 21 | 1 << 16;
}

// store_read(offset, buf), store_write(offset, buf)
static mp_obj_t move_store(mp_obj_t offset_in, mp_obj_t buf_in, int flags) {
    mp_buffer_info_t buf;
    mp_get_buffer_raise(buf_in, &buf, flags);
    int moved = -1;
    if (store_file >= 0 && semihosting_seek(store_file, mp_obj_get_int(offset_in)) >= 0) {
        moved = flags == MP_BUFFER_WRITE ? semihosting_read(store_file, buf.buf, buf.len)
            : semihosting_write(store_file, buf.buf, buf.len);
    }
    if (moved != (int)buf.len) {
        mp_raise_OSError(MP_EIO);
    }
    return mp_const_none;
}

static mp_obj_t board_store_read(mp_obj_t offset, mp_obj_t buf) {
    return move_store(offset, buf, MP_BUFFER_WRITE);
}
static MP_DEFINE_CONST_FUN_OBJ_2(board_store_read_obj, board_store_read);

static mp_obj_t board_store_write(mp_obj_t offset, mp_obj_t buf) {
    return move_store(offset, buf, MP_BUFFER_READ);
}
static MP_DEFINE_CONST_FUN_OBJ_2(board_store_write_obj, board_store_write);

static const mp_rom_map_elem_t board_globals_table[] = {
    { MP_ROM_QSTR(MP_QSTR___name__), MP_ROM_QSTR(MP_QSTR_emulated_board) },
    { MP_ROM_QSTR(MP_QSTR_ticks), MP_ROM_PTR(&board_ticks_obj) },
    { MP_ROM_QSTR(MP_QSTR_start), MP_ROM_PTR(&board_start_obj) },
    { MP_ROM_QSTR(MP_QSTR_stop), MP_ROM_PTR(&board_stop_obj) },
    { MP_ROM_QSTR(MP_QSTR_ramdisk), MP_ROM_PTR(&board_ramdisk_obj) },
    { MP_ROM_QSTR(MP_QSTR_rom), MP_ROM_PTR(&board_rom_obj) },
    { MP_ROM_QSTR(MP_QSTR_store), MP_ROM_PTR(&board_store_obj) },
    { MP_ROM_QSTR(MP_QSTR_store_read), MP_ROM_PTR(&board_store_read_obj) },
    { MP_ROM_QSTR(MP_QSTR_store_write), MP_ROM_PTR(&board_store_write_obj) },
};
static MP_DEFINE_CONST_DICT(board_globals, board_globals_table);

const mp_obj_module_t emulated_board_module = {
    .base = { &mp_type_module },
    .globals = (mp_obj_dict_t *)&board_globals,
};
MP_REGISTER_MODULE(MP_QSTR_emulated_board, emulated_board_module);
