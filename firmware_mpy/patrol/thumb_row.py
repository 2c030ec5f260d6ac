"""A telemetry row from its values to bits, and a frame to its bytes on the wire, in Thumb-2 assembler.

As predict.py, tokens.py, checksum.py and cobs.py do it, in one call: calls cost more than the work on a short
row. Other processors cannot compile this module: see variants.py. Instructions that MicroPython's assembler
has no name for stand there as data; each of them does the work of two.
"""

import micropython
from micropython import const

# Places of `state`, in bytes.
_BITS = const(0)
_HAVE = const(4)
_AT = const(8)
_ROWS = const(12)
_TIME = const(16)
_ROWS_TO_KEY = const(20)
_ROWS_PER_FRAME = const(24)
_KEY_FLAG = const(28)
_SEQUENCE = const(32)
_KEPT_AT = const(36)
_FIRST_KEPT = const(40)
_PREDICTORS = const(44)
_CODERS = const(48)
_CODES = const(52)
_CONTENT = const(56)
_WIRE = const(60)
_CHECKSUM_TABLE = const(64)
_COUNTERS = const(68)
_STREAMS_AT = const(72)
_STREAMS_END = const(76)
_ALONE_END = const(80)
_CODERS_END = const(84)
_FULL_AT = const(88)
_ROW_BYTES = const(92)
_SEED = const(96)
_KEY_TIME = const(100)
_KEY_INTERVAL_US = const(104)
_INPUTS = const(108)
_ROW = const(172)

# Places in a stream's words.
_STRIDE = const(28)
_LAST_CHANGE = const(4)
_CHANGE = const(8)
_RESIDUAL = const(12)
_ACTIVITY = const(16)
_NEXT_ACTIVITY = const(20)
_CHANGE_BEFORE_LAST = const(24)

# Places in a coder of the contract.
_CODER_BYTES = const(8)
_CLASSES = const(2)
_GROUP_BYTES = const(4)

_MAX_TAPS = const(8)
_MEDIAN_TAPS = const(255)
_TELEMETRY = const(3)
_HEADER_BYTES = const(3)
_COUNTER_FRAMES = const(20)
_COUNTER_ROWS = const(24)


@micropython.asm_thumb
def address(r0):
    """Where a buffer's bytes are in memory, which has addresses of 30 bits."""


@micropython.asm_thumb
def append(r0):
    """telemetry.TelemetryEncoder.append(row); the rest of the state is around the row.

    r8 has the state all along.
    """
    push({r8, r9, r10, r11})
    mov(r1, r0)
    sub(r0, _ROW)
    mov(r8, r0)
    ldr(r2, [r0, _ROWS])
    cmp(r2, 0)
    bne(CHECK_ROOM)
    ldr(r2, [r0, _ROWS_TO_KEY])
    cmp(r2, 0)
    ble(REFUSE)
    ldr(r2, [r1, 0])
    ldr(r3, [r0, _KEY_TIME])
    sub(r2, r2, r3)
    ldr(r3, [r0, _KEY_INTERVAL_US])
    cmp(r2, r3)
    bcc(BEGIN)
    label(REFUSE)
    mov(r0, 1)
    neg(r0, r0)
    b(RETURN)
    label(BEGIN)
    mov(r3, 0)
    str(r3, [r0, _BITS])
    str(r3, [r0, _HAVE])
    str(r3, [r0, _KEY_FLAG])
    mov(r3, _HEADER_BYTES)
    str(r3, [r0, _AT])
    ldr(r3, [r0, _FIRST_KEPT])
    str(r3, [r0, _KEPT_AT])
    b(TAKE)
    label(CHECK_ROOM)
    ldr(r2, [r0, _HAVE])
    add(r2, 7)
    lsr(r2, r2, 3)
    ldr(r3, [r0, _AT])
    add(r2, r2, r3)
    ldr(r3, [r0, _FULL_AT])
    cmp(r2, r3)
    bgt(REFUSE)

    # Every stream's change: r1 row, r3 end of the streams, r4 stream, r5 value, r6 where the row is kept.
    label(TAKE)
    ldr(r5, [r1, 0])
    add(r1, 4)
    ldr(r6, [r0, _KEPT_AT])
    lsl(r6, r6, 2)
    add(r6, r6, r0)
    str(r5, [r6, 0])
    add(r6, 4)
    ldr(r2, [r0, _TIME])
    str(r5, [r0, _TIME])
    sub(r5, r5, r2)
    ldr(r3, [r0, _STREAMS_END])
    add(r3, r3, r0)
    ldr(r4, [r0, _STREAMS_AT])
    add(r4, r4, r0)
    b(STEP)
    label(DIFFERENCE)
    data(2, 0xF851, 0x5B04)  # ldr(r5, [r1], 4)
    data(2, 0xF846, 0x5B04)  # str(r5, [r6], 4)
    label(STEP)
    ldr(r2, [r4, 0])
    ldr(r7, [r4, _CHANGE])
    str(r7, [r4, _LAST_CHANGE])
    add(r2, r2, r7)
    str(r2, [r4, 0])
    sub(r5, r5, r2)
    str(r5, [r4, _CHANGE])
    add(r4, _STRIDE)
    cmp(r4, r3)
    bne(DIFFERENCE)
    sub(r6, r6, r0)
    lsr(r6, r6, 2)
    str(r6, [r0, _KEPT_AT])

    # Residuals and activities: r4 predictors, r5 stream, r6 its change, then residual, r9 end of the streams.
    mov(r9, r3)
    ldr(r5, [r0, _STREAMS_AT])
    add(r5, r5, r0)
    ldr(r4, [r0, _PREDICTORS])
    label(PREDICT)
    ldr(r6, [r5, _CHANGE])
    data(2, 0xF834, 0x7B02)  # ldrh r7, [r4], 2
    cmp(r7, 0)
    beq(ZIGZAG)
    cmp(r7, _MAX_TAPS)
    bhi(OTHER)
    data(2, 0xF854, 0x1B04)  # ldr r1, [r4], 4
    label(TAP)
    data(2, 0xF834, 0x2B04)  # ldrh r2, [r4], 4
    data(2, 0xF934, 0x3C02)  # ldrsh r3, [r4, -2]
    data(2, 0x5882)  # ldr r2, [r0, r2]
    data(2, 0xFB02, 0x1103)  # mla r1, r2, r3, r1
    sub(r7, 1)
    bne(TAP)
    asr(r1, r1, 8)
    label(PREDICTED)
    sub(r6, r6, r1)
    label(ZIGZAG)
    lsl(r7, r6, 1)
    data(2, 0xEA87, 0x76E6)  # eor r6, r7, r6 asr 31
    str(r6, [r5, _RESIDUAL])
    ldr(r1, [r5, _NEXT_ACTIVITY])
    str(r1, [r5, _ACTIVITY])
    lsr(r7, r6, 16)
    beq(SMALL)
    movw(r6, 0xFFFF)
    label(SMALL)
    data(2, 0xEBC1, 0x1646)  # rsb r6, r1, r6 lsl 5
    data(2, 0xEB01, 0x1126)  # add r1, r1, r6 asr 4
    str(r1, [r5, _NEXT_ACTIVITY])
    add(r5, _STRIDE)
    data(2, 0x454D)  # cmp r5, r9
    bne(PREDICT)
    b(CODE)

    label(OTHER)
    cmp(r7, _MEDIAN_TAPS)
    bhi(NETWORK)
    # The median of 0, of what would take the last change back, and of what would the one before as well.
    ldr(r1, [r5, _LAST_CHANGE])
    ldr(r2, [r5, _CHANGE_BEFORE_LAST])
    str(r1, [r5, _CHANGE_BEFORE_LAST])
    neg(r1, r1)
    sub(r2, r1, r2)
    mov(r3, 0)
    cmp(r1, 0)
    bge(ORDERED)
    mov(r3, r1)
    mov(r1, 0)
    label(ORDERED)
    cmp(r2, r1)
    bge(PREDICTED)
    mov(r1, r2)
    cmp(r2, r3)
    bge(PREDICTED)
    mov(r1, r3)
    b(PREDICTED)

    # A network: r1 the taps' sum, r3 inputs as they were scaled, r5 and r6 are kept meanwhile.
    label(NETWORK)
    data(2, 0xF854, 0x1B04)  # ldr r1, [r4], 4
    sub(r7, 255)
    sub(r7, 1)
    beq(NO_TAP)
    label(NETWORK_TAP)
    data(2, 0xF834, 0x2B04)  # ldrh r2, [r4], 4
    data(2, 0xF934, 0x3C02)  # ldrsh r3, [r4, -2]
    data(2, 0x5882)  # ldr r2, [r0, r2]
    data(2, 0xFB02, 0x1103)  # mla r1, r2, r3, r1
    sub(r7, 1)
    bne(NETWORK_TAP)
    label(NO_TAP)
    push({r1, r5, r6})
    data(2, 0xF854, 0x7B04)  # ldr r7, [r4], 4  sizes and shifts, a byte each
    mov(r12, r7)
    lsl(r7, r7, 24)
    lsr(r7, r7, 24)
    add(r3, r0, 0)
    add(r3, _INPUTS)
    label(SCALE)
    data(2, 0xF834, 0x1B02)  # ldrh r1, [r4], 2
    data(2, 0xF834, 0x2B02)  # ldrh r2, [r4], 2
    data(2, 0xF854, 0x5B04)  # ldr r5, [r4], 4
    data(2, 0x5841)  # ldr r1, [r0, r1]
    sub(r1, r1, r5)
    asr(r1, r2)
    data(2, 0xF301, 0x010B)  # ssat r1, 12, r1
    data(2, 0xF843, 0x1B04)  # str r1, [r3], 4
    sub(r7, 1)
    bne(SCALE)
    mov(r6, r12)
    lsl(r7, r6, 16)
    lsr(r7, r7, 24)
    mov(r10, r7)  # units to come
    mov(r7, 0)
    mov(r11, r7)  # what they add up to
    label(UNIT)
    mov(r6, r12)
    lsl(r7, r6, 24)
    lsr(r7, r7, 24)
    add(r3, r0, 0)
    add(r3, _INPUTS)
    data(2, 0xF854, 0x1B04)  # ldr r1, [r4], 4
    label(WEIGH)
    data(2, 0xF934, 0x2B02)  # ldrsh r2, [r4], 2
    data(2, 0xF853, 0x5B04)  # ldr r5, [r3], 4
    data(2, 0xFB02, 0x1105)  # mla r1, r2, r5, r1
    sub(r7, 1)
    bne(WEIGH)
    lsl(r6, r6, 8)
    lsr(r6, r6, 24)
    asr(r1, r6)
    data(2, 0xF381, 0x010C)  # usat r1, 12, r1
    data(2, 0xF934, 0x2B02)  # ldrsh r2, [r4], 2
    data(2, 0xFB01, 0xBB02)  # mla r11, r1, r2, r11
    mov(r7, r10)
    sub(r7, 1)
    mov(r10, r7)
    bne(UNIT)
    mov(r2, r12)
    lsr(r2, r2, 24)
    mov(r3, r11)
    asr(r3, r2)
    pop({r1, r5, r6})
    add(r1, r1, r3)
    asr(r1, r1, 8)
    b(PREDICTED)

    # Bits: r0 coder, r1 bits ahead, r2 how many, r3 where they go, r4 residual, r6 activity, token and code,
    # r7 codebook, r9 codes; r10 the smallest residual sent, r11 end of these coders.
    label(CODE)
    ldr(r1, [r0, _BITS])
    ldr(r2, [r0, _HAVE])
    ldr(r3, [r0, _AT])
    ldr(r4, [r0, _CONTENT])
    add(r3, r3, r4)
    ldr(r4, [r0, _CODES])
    mov(r9, r4)
    mov(r4, 0)
    mov(r10, r4)
    ldr(r4, [r0, _ALONE_END])
    ldr(r0, [r0, _CODERS])
    add(r4, r4, r0)
    mov(r11, r4)
    b(CODER)

    label(EMIT)  # r6: bits << 4 | how many
    data(2, 0xF006, 0x050F)  # and r5, r6, 15
    lsr(r6, r6, 4)
    lsl(r6, r2)
    orr(r1, r6)
    add(r2, r2, r5)
    cmp(r2, 16)
    bcc(EMITTED)
    strh(r1, [r3, 0])
    add(r3, 2)
    lsr(r1, r1, 16)
    sub(r2, 16)
    label(EMITTED)
    bx(lr)

    label(ESCAPE)
    push({r6})
    lsr(r5, r5, 16)
    data(2, 0x5B7E)  # ldrh r6, [r7, r5]
    bl(EMIT)
    pop({r6})
    lsl(r6, r6, 3)
    add(r6, 7)
    bl(EMIT)
    b(RAW)

    label(STREAM)
    ldrh(r5, [r0, 0])
    data(2, 0x4445)  # add r5, r8
    ldr(r4, [r5, _RESIDUAL])
    ldr(r6, [r5, _ACTIVITY])
    data(2, 0xEBB4, 0x040A)  # subs r4, r4, r10
    bcc(NEXT)
    ldrh(r7, [r0, _CLASSES])  # the codebook in force at activity r6, and the escape's place in it
    data(2, 0x444F)  # add r7, r9
    clz(r5, r6)
    data(2, 0xEBA7, 0x0785)  # sub r7, r7, r5 lsl 2
    ldr(r5, [r7, 0])
    data(2, 0xB2AF)  # uxth r7, r5
    data(2, 0x444F)  # add r7, r9
    lsl(r6, r4, 1)
    cmp(r4, 15)
    bls(TOKEN)
    data(2, 0xFAB4, 0xFC84)  # clz r12, r4
    data(2, 0xF1CC, 0x061D)  # rsb r6, r12, 29
    data(2, 0xFA24, 0xFC06)  # lsr r12, r4, r6
    data(2, 0xEB0C, 0x0686)  # add r6, r12, r6 lsl 2
    add(r6, 4)
    lsl(r6, r6, 1)
    label(TOKEN)  # r6: its place in the codebook
    data(2, 0xEBB6, 0x4F15)  # cmp r6, r5 lsr 16
    bcs(ESCAPE)
    data(2, 0x5BBE)  # ldrh r6, [r7, r6]
    data(2, 0xF006, 0x050F)  # and r5, r6, 15
    lsr(r6, r6, 4)
    lsl(r6, r2)
    orr(r1, r6)
    add(r2, r2, r5)
    cmp(r2, 16)
    bcc(RAW)
    strh(r1, [r3, 0])
    add(r3, 2)
    lsr(r1, r1, 16)
    sub(r2, 16)
    label(RAW)
    cmp(r4, 15)
    bls(NEXT)
    clz(r5, r4)
    data(2, 0xF1C5, 0x051D)  # rsb r5, r5, 29
    cmp(r5, 16)
    bls(LAST_RAW)
    lsl(r6, r4, 16)
    lsr(r6, r6, 16)
    lsl(r6, r2)
    orr(r1, r6)
    strh(r1, [r3, 0])
    add(r3, 2)
    lsr(r1, r1, 16)
    lsr(r4, r4, 16)
    sub(r5, 16)
    label(LAST_RAW)
    data(2, 0xF1C5, 0x0620)  # rsb r6, r5, 32
    lsl(r4, r6)
    lsr(r4, r6)
    lsl(r4, r2)
    orr(r1, r4)
    add(r2, r2, r5)
    cmp(r2, 16)
    bcc(NEXT)
    strh(r1, [r3, 0])
    add(r3, 2)
    lsr(r1, r1, 16)
    sub(r2, 16)
    label(NEXT)
    add(r0, _CODER_BYTES)
    label(CODER)
    data(2, 0x4558)  # cmp r0, r11
    bne(STREAM)

    label(GROUP)
    mov(r7, r8)
    ldr(r4, [r7, _CODERS])
    ldr(r5, [r7, _CODERS_END])
    add(r4, r4, r5)
    cmp(r0, r4)
    beq(ROW_DONE)
    push({r1, r2, r3})
    mov(r4, 1)
    mov(r10, r4)
    mov(r4, r0)
    add(r4, _CODER_BYTES)
    ldrh(r3, [r0, _GROUP_BYTES])
    add(r3, r3, r4)
    mov(r11, r3)
    mov(r1, 0)  # symbol
    mov(r2, 0)  # streams that moved
    mov(r6, 1)
    label(MEMBER)
    ldrh(r5, [r4, 0])
    add(r5, r5, r7)
    ldr(r5, [r5, _RESIDUAL])
    cmp(r5, 0)
    beq(STILL)
    orr(r1, r6)
    add(r2, 1)
    label(STILL)
    lsl(r6, r6, 1)
    add(r4, _CODER_BYTES)
    cmp(r4, r3)
    bne(MEMBER)
    mov(r4, r1)
    ldrh(r5, [r0, 0])
    add(r7, r7, r5)
    ldr(r6, [r7, 0])
    lsl(r2, r2, 5)
    sub(r2, r2, r6)
    asr(r2, r2, 4)
    add(r2, r2, r6)
    str(r2, [r7, 0])
    pop({r1, r2, r3})
    ldrh(r7, [r0, _CLASSES])
    data(2, 0x444F)  # add r7, r9
    clz(r5, r6)
    data(2, 0xEBA7, 0x0785)  # sub r7, r7, r5 lsl 2
    ldrh(r7, [r7, 0])
    data(2, 0x444F)  # add r7, r9
    lsl(r6, r4, 1)
    data(2, 0x5BBE)  # ldrh r6, [r7, r6]
    bl(EMIT)
    cmp(r4, 0)
    bne(NEXT)
    mov(r0, r11)
    b(GROUP)

    label(ROW_DONE)
    mov(r0, r8)
    str(r1, [r0, _BITS])
    str(r2, [r0, _HAVE])
    ldr(r4, [r0, _CONTENT])
    sub(r5, r3, r4)
    str(r5, [r0, _AT])
    ldr(r5, [r0, _ROWS_TO_KEY])
    sub(r5, 1)
    str(r5, [r0, _ROWS_TO_KEY])
    ldr(r7, [r0, _ROWS])
    add(r7, 1)
    str(r7, [r0, _ROWS])
    ldr(r5, [r0, _ROWS_PER_FRAME])
    cmp(r7, r5)
    bge(SEAL)
    mov(r0, 0)
    b(RETURN)

    label(SEAL)  # r3 end of the body, r4 content, r7 rows
    strh(r1, [r3, 0])
    add(r2, 7)
    lsr(r2, r2, 3)
    add(r3, r3, r2)
    mov(r5, 1)
    strb(r5, [r4, 2])  # ahead of the body, so that the search for its last byte ends
    label(TRIM)
    sub(r3, 1)
    ldrb(r5, [r3, 0])
    cmp(r5, 0)
    beq(TRIM)
    add(r3, 1)
    ldr(r5, [r0, _ROW_BYTES])
    mul(r5, r7)
    sub(r6, r3, r4)
    sub(r6, _HEADER_BYTES)
    cmp(r5, r6)
    bge(HEADER)
    mov(r0, 2)
    neg(r0, r0)
    b(RETURN)
    label(HEADER)
    ldr(r1, [r0, _COUNTERS])
    ldr(r5, [r1, _COUNTER_FRAMES])
    add(r5, 1)
    str(r5, [r1, _COUNTER_FRAMES])
    ldr(r5, [r1, _COUNTER_ROWS])
    add(r5, r5, r7)
    str(r5, [r1, _COUNTER_ROWS])
    sub(r7, 1)
    lsl(r7, r7, 5)
    add(r7, _TELEMETRY)
    ldr(r5, [r0, _KEY_FLAG])
    orr(r7, r5)
    strb(r7, [r4, 0])
    ldr(r5, [r0, _SEQUENCE])
    strb(r5, [r4, 1])
    lsr(r6, r5, 8)
    strb(r6, [r4, 2])
    add(r5, 1)
    lsl(r5, r5, 16)
    lsr(r5, r5, 16)
    str(r5, [r0, _SEQUENCE])
    mov(r5, 0)
    str(r5, [r0, _ROWS])

    # The checksum: r1 next byte, r2 table, r5 the checksum so far.
    mov(r1, r4)
    ldr(r2, [r0, _CHECKSUM_TABLE])
    ldr(r5, [r0, _SEED])
    label(CHECK)
    data(2, 0xF811, 0x6B01)  # ldrb r6, [r1], 1
    eor(r6, r5)
    data(2, 0xB2F6)  # uxtb r6, r6
    data(2, 0xF852, 0x6026)  # ldr r6, [r2, r6 lsl 2]
    data(2, 0xEA86, 0x2515)  # eor r5, r6, r5 lsr 8
    cmp(r1, r3)
    bne(CHECK)
    mvn(r5, r5)
    str(r5, [r3, 0])
    add(r3, 4)

    # The wire: r4 next byte, r5 where it goes, r2 where the block's length goes.
    ldr(r2, [r0, _WIRE])
    mov(r0, r2)
    add(r5, r2, 1)
    label(STUFF)
    data(2, 0xF814, 0x6B01)  # ldrb r6, [r4], 1
    cmp(r6, 0)
    beq(BLOCK)
    data(2, 0xF805, 0x6B01)  # strb r6, [r5], 1
    sub(r6, r5, r2)
    cmp(r6, 255)
    beq(FULL)
    cmp(r4, r3)
    bne(STUFF)
    b(STUFFED)
    label(FULL)
    cmp(r4, r3)
    beq(STUFFED)
    label(BLOCK)
    sub(r6, r5, r2)
    strb(r6, [r2, 0])
    mov(r2, r5)
    add(r5, 1)
    cmp(r4, r3)
    bne(STUFF)
    label(STUFFED)
    sub(r6, r5, r2)
    strb(r6, [r2, 0])
    mov(r6, 0)
    strb(r6, [r5, 0])
    add(r5, 1)
    sub(r0, r5, r0)
    label(RETURN)
    pop({r8, r9, r10, r11})
