"""The hottest loops in Thumb-2 assembler. Other processors cannot compile this module: see variants.py.

Arguments arrive in r0 to r3; r4 to r7 are ours, and so are r12 and r14 (the return address is on the
stack). Words are loaded from any address, which a Cortex-M4 does by itself.
"""

import micropython


@micropython.asm_thumb
def append_checksum(r0, r1, r2, r3):
    """checksum.append(data, size, table, seed)"""
    add(r1, r1, r0)
    ldr(r3, [r3, 0])
    mvn(r3, r3)
    mov(r5, 255)
    b(CHECK)
    label(LOOP)
    ldrb(r4, [r0, 0])
    add(r0, 1)
    eor(r4, r3)
    and_(r4, r5)
    lsl(r4, r4, 2)
    add(r4, r4, r2)
    ldr(r4, [r4, 0])
    lsr(r3, r3, 8)
    eor(r3, r4)
    label(CHECK)
    cmp(r0, r1)
    bne(LOOP)
    mvn(r3, r3)
    str(r3, [r0, 0])


@micropython.asm_thumb
def decode_message(r0, r1, r2, r3):
    """decode.decode(body, table, message, sizes)

    r0 body, r1 table, r2 where the next byte goes, r3 bits taken, r4 bits ahead, r5 table entry and
    scratch, r6 bits of the body, r7 pairs of symbols to go, r12 r3 as it was before, r14 sizes.
    """
    mov(r14, r3)
    ldr(r6, [r3, 0])
    lsl(r6, r6, 3)
    ldr(r4, [r3, 4])
    add(r4, r4, r2)
    str(r4, [r3, 8])  # where the message must end
    str(r2, [r3, 12])
    mov(r3, 0)

    label(ROUND)
    # As many pairs as fit the body and the message whatever their codes, and at most ten: ten pairs have
    # 240 bits, so that a round of more than that met the end mark, which takes 255.
    mov(r12, r3)
    sub(r7, r6, r3)
    mov(r5, 24)
    udiv(r7, r7, r5)
    mov(r4, r14)
    ldr(r4, [r4, 8])
    sub(r4, r4, r2)
    lsr(r4, r4, 1)
    cmp(r7, r4)
    ble(FITS)
    mov(r7, r4)
    label(FITS)
    cmp(r7, 10)
    ble(FEW)
    mov(r7, 10)
    label(FEW)
    cmp(r7, 0)
    beq(SINGLE)

    label(PAIR)
    # 32 bits from the byte that holds the next bit: 25 of them at least are ahead, two codes have 24.
    lsr(r4, r3, 3)
    add(r4, r4, r0)
    ldr(r4, [r4, 0])
    mov(r5, 7)
    and_(r5, r3)
    lsr(r4, r5)
    lsl(r5, r4, 20)
    lsr(r5, r5, 19)  # the low 12 bits, doubled
    add(r5, r5, r1)
    ldrh(r5, [r5, 0])
    strb(r5, [r2, 0])
    lsr(r5, r5, 8)
    lsr(r4, r5)
    add(r3, r3, r5)
    lsl(r5, r4, 20)
    lsr(r5, r5, 19)
    add(r5, r5, r1)
    ldrh(r5, [r5, 0])
    strb(r5, [r2, 1])
    lsr(r5, r5, 8)
    add(r3, r3, r5)
    add(r2, 2)
    sub(r7, 1)
    bne(PAIR)
    mov(r5, r12)
    sub(r5, r3, r5)
    cmp(r5, 240)
    ble(ROUND)
    b(BAD)

    label(SINGLE)
    cmp(r3, r6)
    bge(ENDED)
    mov(r12, r3)
    lsr(r4, r3, 3)
    add(r4, r4, r0)
    ldr(r4, [r4, 0])
    mov(r5, 7)
    and_(r5, r3)
    lsr(r4, r5)
    lsl(r5, r4, 20)
    lsr(r5, r5, 19)
    add(r5, r5, r1)
    ldrh(r5, [r5, 0])
    strb(r5, [r2, 0])
    lsr(r5, r5, 8)
    add(r3, r3, r5)
    add(r2, 1)
    mov(r4, r14)
    ldr(r4, [r4, 8])
    cmp(r2, r4)
    ble(SINGLE)  # one byte over, as what follows a full message may be padding

    label(ENDED)
    cmp(r3, r6)
    ble(WHOLE)
    sub(r2, 1)  # the last code ran over the end: no code but padding
    mov(r3, r12)
    label(WHOLE)
    mov(r4, r14)
    ldr(r5, [r4, 8])
    cmp(r2, r5)
    bgt(BAD)
    sub(r6, r6, r3)
    cmp(r6, 7)
    bgt(BAD)
    ldr(r5, [r4, 0])
    add(r5, r5, r0)
    sub(r5, 1)
    ldrb(r5, [r5, 0])
    mov(r7, 255)
    eor(r5, r7)
    mov(r7, 8)
    sub(r7, r7, r6)
    lsr(r5, r7)
    cmp(r5, 0)
    bne(BAD)
    ldr(r4, [r4, 12])
    sub(r0, r2, r4)
    b(DONE)
    label(BAD)
    mov(r0, 1)
    neg(r0, r0)
    label(DONE)
