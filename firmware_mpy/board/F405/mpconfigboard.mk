# Board definition for MicroPython's ports/qemu: an STM32F405 as QEMU's netduinoplus2 machine emulates it.
# ports/qemu includes this file from outside its own tree and nothing of upstream's is edited.
F405_DIR := $(BOARD_DIR)
QEMU_ARCH = arm
QEMU_MACHINE = netduinoplus2

F405_CPU = -mthumb -mcpu=cortex-m4 -mfpu=fpv4-sp-d16 -mfloat-abi=hard
CFLAGS += $(F405_CPU) -fsingle-precision-constant -I$(F405_DIR) -I$(F405_DIR)/..
CFLAGS += -DMICROPY_HW_MCU_NAME='"STM32F405"'
CFLAGS += -DMP_CONFIGFILE='"board_mpconfig.h"' -DMICROPY_MPHALPORT_H='"board_mphal.h"'
LDFLAGS += $(F405_CPU)
LDSCRIPT = $(F405_DIR)/f405.ld
MPY_CROSS_FLAGS += -march=armv7emsp

MICROPY_VFS_LFS2 = 1
MICROPY_VFS_FAT = 1
FROZEN_MANIFEST = $(F405_DIR)/manifest.py

# `override` makes upstream's later `SRC_C += main.c uart.c mphalport.c ...` have no effect: start-up,
# main loop and console of ports/qemu talk to a semihosting host and know no main.py, so ours replace
# them whole.
vpath %.c $(F405_DIR)
override SRC_C := \
	startup.c \
	board_main.c \
	hal.c \
	usart.c \
	world.c \
	repl.c \
	semihosting.c \
	machine_encoder.c \
	machine_i2c.c \
	machine_pin.c \
	machine_pin_irq.c \
	modemulated_board.c \
	shared/libc/string0.c \
	shared/readline/readline.c \
	shared/runtime/interrupt_char.c \
	shared/runtime/mpirq.c \
	shared/runtime/pyexec.c \
	shared/runtime/softtimer.c \
	shared/runtime/stdout_helpers.c \
	shared/runtime/sys_stdio_mphal.c \
	shared/timeutils/timeutils.c

SRC_BOARD_O = shared/runtime/gchelper_native.o shared/runtime/gchelper_thumb2.o

# Files that others include are not scanned for their names (MP_QSTR_...) by themselves.
QSTR_GLOBAL_DEPENDENCIES += $(wildcard $(F405_DIR)/machine_*.c) $(wildcard $(F405_DIR)/board_*.h)
