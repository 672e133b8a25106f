/* As glibc.c, for libstdc++: code of GCC 11 and newer calls this function for `new` of an array that is too long, which
   came with GCC 11. The function of GCC 4.9 throws the same exception. */

__asm__(".globl _ZSt28__throw_bad_array_new_lengthv\n"
        ".hidden _ZSt28__throw_bad_array_new_lengthv\n"
        ".type _ZSt28__throw_bad_array_new_lengthv, @function\n"
        "_ZSt28__throw_bad_array_new_lengthv: jmp *__cxa_throw_bad_array_new_length@GOTPCREL(%rip)\n"
        ".size _ZSt28__throw_bad_array_new_lengthv, . - _ZSt28__throw_bad_array_new_lengthv");
