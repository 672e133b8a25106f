//! The threads that compute: one pool for each number of them, whoever asks, so that a process has as many as the user
//! allows and none beside them; and threads that wait, each for a program that it has started.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use mtprs_core::{Error, ErrorKind};
use rayon::{ThreadPool, ThreadPoolBuilder};

/// The last pool that was started, and the process that it is of: one that was forked has none of its threads. It is kept,
/// since the threads of one that is given up end some time later only.
static POOL: Mutex<Option<(u32, Arc<ThreadPool>)>> = Mutex::new(None);

/// The pool of this many threads.
pub(crate) fn pool(threads: usize) -> Result<Arc<ThreadPool>, Error> {
    let mut last = POOL.lock().unwrap_or_else(PoisonError::into_inner);
    let process = std::process::id();
    if let Some((_, pool)) =
        last.as_ref().filter(|(of, pool)| *of == process && pool.current_num_threads() == threads)
    {
        return Ok(Arc::clone(pool));
    }
    if let Some((_, pool)) = last.take().filter(|(of, _)| *of != process) {
        // To end it would be to wait for threads that are not here.
        std::mem::forget(pool);
    }
    let pool = ThreadPoolBuilder::new().num_threads(threads).build();
    let pool =
        pool.map_err(|error| Error::new(ErrorKind::Io, format!("cannot start {threads} threads: {error}")))?;
    let pool = Arc::new(pool);
    *last = Some((process, Arc::clone(&pool)));
    Ok(pool)
}

/// Makes this thread the only one of rayon's global pool, which would otherwise have one for each core: what is not done in
/// a pool of [`pool`] is done by the thread that asks for it.
pub(crate) fn keep_global_pool_small() {
    // It is there already if this process has run a command before.
    let _ = ThreadPoolBuilder::new().num_threads(1).use_current_thread().build_global();
}

/// Does `count` things, some at the same time; after a failure no further one is begun.
pub(crate) fn in_parallel<E: Send>(
    parallel: usize,
    count: usize,
    work: impl Fn(usize) -> Result<(), E> + Sync,
) -> Result<(), E> {
    let (next, failure) = (AtomicUsize::new(0), Mutex::new(None));
    let failed = || failure.lock().unwrap_or_else(PoisonError::into_inner);
    let worker = || {
        while failed().is_none() {
            let index = next.fetch_add(1, Ordering::Relaxed);
            if index >= count {
                return;
            }
            if let Err(error) = work(index) {
                failed().get_or_insert(error);
            }
        }
    };
    thread::scope(|scope| {
        for _ in 1..parallel.min(count) {
            scope.spawn(worker);
        }
        worker();
    });
    failure.into_inner().unwrap_or_else(PoisonError::into_inner).map_or(Ok(()), Err)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_asks_for_as_many_threads_shares_them() {
        let (one, again) = (pool(3).unwrap(), pool(3).unwrap());
        // Another test may have asked for another number in between.
        assert_eq!((one.current_num_threads(), again.current_num_threads()), (3, 3));
        assert_eq!(pool(2).unwrap().current_num_threads(), 2);
    }
}
