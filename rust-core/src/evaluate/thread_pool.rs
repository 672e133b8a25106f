//! Threads that wait between calls: each call gives every thread one item of a slice.
//!
//! Starting a thread costs some 50 µs, as much as the evaluation of twenty atoms, so threads are kept. One that has
//! nothing to do watches for work for a moment and then sleeps.

use std::any::Any;
use std::hint::spin_loop;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{Builder, JoinHandle, yield_now};
use std::time::{Duration, Instant};

use crate::error::{Error, ErrorKind, Result};

/// How long to watch before sleeping: about the time that waking a sleeping thread takes.
const WATCH: Duration = Duration::from_micros(50);

type Payload = Box<dyn Any + Send>;

/// What the threads do in a round; the number is that of the thread.
type Task = &'static (dyn Fn(usize) + Sync);

/// Threads beside the calling one.
#[derive(Debug)]
pub(super) struct ThreadPool {
    shared: Arc<Shared>,
    workers: Vec<JoinHandle<()>>,
    /// The process that the threads belong to; after a fork they are missing in the child.
    process: u32,
}

#[derive(Default)]
struct Shared {
    round: Mutex<Round>,
    /// A round began or the pool ends.
    begun: Condvar,
    /// The last thread of a round is done.
    finished: Condvar,
    /// `Round::number` and the count of threads still at work, to be watched without the lock.
    number: AtomicU64,
    working: AtomicUsize,
}

#[derive(Default)]
struct Round {
    number: u64,
    /// `None` ends the threads.
    task: Option<Task>,
    /// The panic of the lowest thread that had one.
    panic: Option<(usize, Payload)>,
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared").field("working", &self.working).finish_non_exhaustive()
    }
}

impl ThreadPool {
    /// Starts `threads - 1` threads.
    pub(super) fn new(threads: usize) -> Result<Self> {
        let mut pool = Self { shared: Arc::default(), workers: Vec::new(), process: std::process::id() };
        for thread in 1..threads {
            let shared = Arc::clone(&pool.shared);
            let work = move || shared.work(thread);
            let worker = Builder::new().name(format!("mtprs-{thread}")).spawn(work).map_err(|error| {
                Error::new(ErrorKind::Io, format!("cannot start thread {} of {threads}: {error}", thread + 1))
            })?;
            pool.workers.push(worker);
        }
        Ok(pool)
    }

    /// Whether the threads exist in this process.
    pub(super) fn is_alive(&self) -> bool {
        self.process == std::process::id()
    }

    /// Calls `work` for every item, each on a thread of its own, the first on this one. Returns when all are done; a
    /// panic, that of the lowest item if there are several, goes on in this thread then.
    ///
    /// # Panics
    /// If there are more items than threads, and if `work` does.
    pub(super) fn for_each<T: Send>(&mut self, items: &mut [T], work: impl Fn(&mut T) + Sync) {
        let count = items.len();
        assert!(count <= self.workers.len() + 1, "{count} items for {} threads", self.workers.len() + 1);
        let first = Items(items.as_mut_ptr());
        self.run(&|thread| {
            if thread < count {
                // SAFETY: `thread` is below the length of `items`, and no other thread has the same number.
                work(unsafe { first.get(thread) });
            }
        });
    }

    fn run(&mut self, task: &(dyn Fn(usize) + Sync)) {
        // SAFETY: only the lifetime changes. The threads use the reference until they have reported that they are done;
        // `wait` below returns after the last of these reports, and nothing before it can unwind.
        let task = unsafe { std::mem::transmute::<&(dyn Fn(usize) + Sync), Task>(task) };
        self.shared.begin(Some(task), self.workers.len());
        let own = catch_unwind(AssertUnwindSafe(|| task(0)));
        let others = self.shared.wait();
        if let Some(payload) = own.err().or(others) {
            resume_unwind(payload);
        }
    }
}

impl Drop for ThreadPool {
    fn drop(&mut self) {
        let workers = std::mem::take(&mut self.workers);
        if !self.is_alive() {
            // There is nothing to join in the child of a fork, and the lock may be that of a thread that is missing.
            workers.into_iter().for_each(std::mem::forget);
            return;
        }
        self.shared.begin(None, workers.len());
        for worker in workers {
            // A worker catches every panic of its task.
            let _ = worker.join();
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Round> {
        // Nothing panics while the lock is held.
        self.round.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn begin(&self, task: Option<Task>, workers: usize) {
        let mut round = self.lock();
        round.task = task;
        round.number += 1;
        self.working.store(workers, Ordering::Release);
        self.number.store(round.number, Ordering::Release);
        drop(round);
        self.begun.notify_all();
    }

    /// Waits for the end of a round; the panic of its lowest thread if there was one.
    fn wait(&self) -> Option<Payload> {
        watch(|| self.working.load(Ordering::Acquire) == 0);
        let mut round = self.lock();
        while self.working.load(Ordering::Acquire) > 0 {
            round = self.finished.wait(round).unwrap_or_else(PoisonError::into_inner);
        }
        round.panic.take().map(|(_, payload)| payload)
    }

    /// The life of one thread.
    fn work(&self, thread: usize) {
        let mut seen = 0;
        while let Some(task) = self.next(&mut seen) {
            let outcome = catch_unwind(AssertUnwindSafe(|| task(thread)));
            let mut round = self.lock();
            if let Err(payload) = outcome
                && round.panic.as_ref().is_none_or(|(lowest, _)| thread < *lowest)
            {
                round.panic = Some((thread, payload));
            }
            let is_last = self.working.fetch_sub(1, Ordering::AcqRel) == 1;
            drop(round);
            if is_last {
                self.finished.notify_one();
            }
        }
    }

    /// Waits for a round after the last one seen.
    fn next(&self, seen: &mut u64) -> Option<Task> {
        watch(|| self.number.load(Ordering::Acquire) != *seen);
        let mut round = self.lock();
        while round.number == *seen {
            round = self.begun.wait(round).unwrap_or_else(PoisonError::into_inner);
        }
        *seen = round.number;
        round.task
    }
}

/// Looks for a condition for a while. Others that want the core get it.
fn watch(condition: impl Fn() -> bool) {
    let begun = Instant::now();
    while begun.elapsed() < WATCH {
        for _ in 0..32 {
            if condition() {
                return;
            }
            spin_loop();
        }
        yield_now();
    }
}

/// Start of a slice whose items go to threads.
struct Items<T>(*mut T);

impl<T> Items<T> {
    /// # Safety
    /// `index` is below the length of the slice, and nobody else uses that item.
    #[allow(clippy::mut_from_ref)] // every thread has an item of its own
    unsafe fn get(&self, index: usize) -> &mut T {
        // SAFETY: as the caller promises.
        unsafe { &mut *self.0.add(index) }
    }
}

// SAFETY: threads get items of their own, which may go to other threads.
unsafe impl<T: Send> Sync for Items<T> {}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_item_is_worked_on_once_in_every_round() {
        let mut pool = ThreadPool::new(4).unwrap();
        let mut sums = [0_u64; 4];
        for round in 1..=1000 {
            pool.for_each(&mut sums, |sum| *sum += round);
            if round % 100 == 0 {
                // longer than threads watch: they must be woken
                std::thread::sleep(4 * WATCH);
            }
        }
        assert_eq!(sums, [500_500; 4]);
        let mut fewer = [0; 2];
        pool.for_each(&mut fewer, |sum| *sum += 1);
        assert_eq!(fewer, [1; 2]);
    }

    #[test]
    fn every_item_has_a_thread_of_its_own_and_keeps_it() {
        let mut pool = ThreadPool::new(3).unwrap();
        let here = std::thread::current().id();
        let mut seen = vec![HashSet::new(); 3];
        for _ in 0..20 {
            pool.for_each(&mut seen, |ids| {
                ids.insert(std::thread::current().id());
            });
        }
        assert!(seen.iter().all(|ids| ids.len() == 1), "{seen:?}");
        assert!(seen[0].contains(&here));
        assert_eq!(seen.into_iter().flatten().collect::<HashSet<_>>().len(), 3);
    }

    #[test]
    fn the_panic_of_the_lowest_item_goes_on_here_after_all_are_done_and_the_threads_live_on() {
        let mut pool = ThreadPool::new(5).unwrap();
        for panicking in [&[0][..], &[4], &[3, 1], &[0, 1, 2, 3, 4]] {
            let mut items: Vec<(usize, bool)> = (0..5).map(|item| (item, false)).collect();
            let outcome = catch_unwind(AssertUnwindSafe(|| {
                pool.for_each(&mut items, |(item, done)| {
                    *done = true;
                    if panicking.contains(item) {
                        resume_unwind(Box::new(*item)); // without the message of a panic
                    }
                });
            }));
            let lowest = panicking.iter().min().unwrap();
            assert_eq!(outcome.unwrap_err().downcast_ref::<usize>(), Some(lowest));
            assert!(items.iter().all(|(_, done)| *done));
        }
        let mut sums = [0; 5];
        pool.for_each(&mut sums, |sum| *sum += 1);
        assert_eq!(sums, [1; 5]);
    }
}
