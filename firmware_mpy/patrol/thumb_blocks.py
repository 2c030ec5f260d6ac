"""A block's checksum, its decode table and its codes in Thumb-2 assembler, as blocks.py has them.

Other processors cannot compile this module: see variants.py. Instructions that MicroPython's assembler has no
name for stand there as data.
"""

import micropython


@micropython.asm_thumb
def checksum(r0, r1, r2):
    """blocks.checksum(data, span, table): r3 the checksum so far, r4 next byte, r5 end."""
    ldr(r4, [r1, 0])
    ldr(r5, [r1, 4])
    ldr(r3, [r1, 8])
    add(r4, r4, r0)
    add(r5, r5, r0)
    mvn(r3, r3)
    b(MORE)
    label(BYTE)
    data(2, 0xF814, 0x6B01)  # ldrb r6, [r4], 1
    eor(r6, r3)
    data(2, 0xB2F6)  # uxtb r6, r6
    data(2, 0xF852, 0x6026)  # ldr r6, [r2, r6 lsl 2]
    data(2, 0xEA86, 0x2313)  # eor r3, r6, r3 lsr 8
    label(MORE)
    cmp(r4, r5)
    bne(BYTE)
    mvn(r3, r3)
    str(r3, [r1, 8])


@micropython.asm_thumb
def fill_table(r0, r1, r2):
    """blocks.fill_table(lengths, table, firsts)

    r2 has a word for each length: how many codes, then the next one. r3 symbol, r4 length, r5 code, r6 and r7
    scratch.
    """
    mov(r3, 0)
    mov(r4, 0)
    label(CLEAR)
    lsl(r5, r4, 2)
    add(r5, r5, r2)
    str(r3, [r5, 0])
    add(r4, 1)
    cmp(r4, 12)
    bne(CLEAR)
    label(COUNT)
    ldrb(r4, [r0, 0])
    add(r0, 1)
    data(2, 0xF852, 0x5024)  # ldr r5, [r2, r4 lsl 2]
    add(r5, 1)
    data(2, 0xF842, 0x5024)  # str r5, [r2, r4 lsl 2]
    add(r3, 1)
    cmp(r3, 255)
    bls(COUNT)
    data(2, 0xF5A0, 0x7080)  # sub r0, r0, 256
    # The first code of each length.
    mov(r4, 1)
    mov(r5, 0)
    label(FIRST)
    lsl(r5, r5, 1)
    data(2, 0xF852, 0x6024)  # ldr r6, [r2, r4 lsl 2]
    data(2, 0xF842, 0x5024)  # str r5, [r2, r4 lsl 2]
    add(r5, r5, r6)
    add(r4, 1)
    cmp(r4, 11)
    bls(FIRST)
    mov(r3, 0)
    label(SYMBOL)
    data(2, 0x5CC4)  # ldrb r4, [r0, r3]
    cmp(r4, 0)
    beq(NEXT)
    data(2, 0xF852, 0x5024)  # ldr r5, [r2, r4 lsl 2]
    add(r6, r5, 1)
    data(2, 0xF842, 0x6024)  # str r6, [r2, r4 lsl 2]
    data(2, 0xFA95, 0xF5A5)  # rbit r5, r5
    mov(r6, 32)
    sub(r6, r6, r4)
    lsr(r5, r6)  # the code, first bit lowest
    lsl(r7, r4, 8)
    orr(r7, r3)  # the entry
    mov(r6, 2)
    lsl(r6, r4)  # bytes from one place to the next
    lsl(r5, r5, 1)
    label(PLACE)
    data(2, 0x534F)  # strh r7, [r1, r5]
    add(r5, r5, r6)
    data(2, 0xF5B5, 0x5F80)  # cmp r5, 4096
    bcc(PLACE)
    label(NEXT)
    add(r3, 1)
    cmp(r3, 255)
    bls(SYMBOL)


@micropython.asm_thumb
def decode(r0, r1, r2, r3):
    """blocks.decode(data, table, content, span): whether the stream ends with its last byte.

    r0 data, r1 table, r2 where the next byte goes, r3 bits taken, r4 bits ahead, r5 table entry, r6 end in
    bits, r7 pairs to go; r12 bytes to go, r14 the span.
    """
    mov(r14, r3)
    ldr(r6, [r3, 4])
    lsl(r6, r6, 3)
    ldr(r4, [r3, 8])
    mov(r12, r4)
    ldr(r3, [r3, 0])
    lsl(r3, r3, 3)

    label(ROUND)  # as many pairs as surely fit the stream and the content
    sub(r7, r6, r3)
    mov(r5, 22)
    udiv(r7, r7, r5)
    mov(r4, r12)
    lsr(r4, r4, 1)
    cmp(r7, r4)
    bls(FITS)
    mov(r7, r4)
    label(FITS)
    cmp(r7, 0)
    beq(SINGLE)
    mov(r4, r12)
    sub(r4, r4, r7)
    sub(r4, r4, r7)
    mov(r12, r4)
    label(PAIR)
    # 32 bits from the byte that holds the next bit: 25 of them at least are ahead, two codes have 22.
    lsr(r4, r3, 3)
    data(2, 0x5904)  # ldr r4, [r0, r4]
    data(2, 0xF003, 0x0507)  # and r5, r3, 7
    lsr(r4, r5)
    data(2, 0xF3C4, 0x050A)  # ubfx r5, r4, 0, 11
    data(2, 0xF831, 0x5015)  # ldrh r5, [r1, r5 lsl 1]
    data(2, 0xF802, 0x5B01)  # strb r5, [r2], 1
    lsr(r5, r5, 8)
    lsr(r4, r5)
    add(r3, r3, r5)
    data(2, 0xF3C4, 0x050A)  # ubfx r5, r4, 0, 11
    data(2, 0xF831, 0x5015)  # ldrh r5, [r1, r5 lsl 1]
    data(2, 0xF802, 0x5B01)  # strb r5, [r2], 1
    lsr(r5, r5, 8)
    add(r3, r3, r5)
    sub(r7, 1)
    bne(PAIR)
    b(ROUND)

    label(SINGLE)
    mov(r4, r12)
    cmp(r4, 0)
    beq(ENDED)
    sub(r4, 1)
    mov(r12, r4)
    lsr(r4, r3, 3)
    data(2, 0x5904)  # ldr r4, [r0, r4]
    data(2, 0xF003, 0x0507)  # and r5, r3, 7
    lsr(r4, r5)
    data(2, 0xF3C4, 0x050A)  # ubfx r5, r4, 0, 11
    data(2, 0xF831, 0x5015)  # ldrh r5, [r1, r5 lsl 1]
    data(2, 0xF802, 0x5B01)  # strb r5, [r2], 1
    lsr(r5, r5, 8)
    add(r3, r3, r5)
    cmp(r3, r6)
    bls(SINGLE)
    b(BAD)

    label(ENDED)  # fewer than 8 bits are left, all zeros
    sub(r6, r6, r3)
    cmp(r6, 7)
    bhi(BAD)
    lsr(r4, r3, 3)
    data(2, 0x5904)  # ldr r4, [r0, r4]
    data(2, 0xF003, 0x0507)  # and r5, r3, 7
    lsr(r4, r5)
    mov(r5, 32)
    sub(r5, r5, r6)
    lsl(r4, r5)
    cmp(r6, 0)
    beq(GOOD)
    cmp(r4, 0)
    bne(BAD)
    label(GOOD)
    mov(r0, 1)
    b(RETURN)
    label(BAD)
    mov(r0, 0)
    label(RETURN)
