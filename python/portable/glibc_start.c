/* The part of glibc.c that programs need beside it: their start, which has been another one since glibc 2.34. Up to
   then a program brought the function that runs its initializers; newer systems call it as well where it is given. */

#define HIDDEN __attribute__((visibility("hidden")))

typedef void initializer(int count, char **arguments, char **environment);

extern initializer *__init_array_start[] HIDDEN;
extern initializer *__init_array_end[] HIDDEN;
extern void _init(void) HIDDEN;

extern int old_start(int (*program)(int, char **, char **), int count, char **arguments,
                     initializer *initialize, void (*finish)(void), void (*finish_loader)(void),
                     void *stack_end);
__asm__(".symver old_start, __libc_start_main@GLIBC_2.2.5");

static void initialize(int count, char **arguments, char **environment)
{
  _init();
  for (initializer **next = __init_array_start; next < __init_array_end; next++)
    (*next)(count, arguments, environment);
}

HIDDEN int __libc_start_main(int (*program)(int, char **, char **), int count, char **arguments,
                             void (*none)(int, char **, char **), void (*finish)(void),
                             void (*finish_loader)(void), void *stack_end)
{
  (void) none;
  return old_start(program, count, arguments, initialize, finish, finish_loader, stack_end);
}
