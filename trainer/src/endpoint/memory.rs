//! Files and standard streams that are in memory while a command runs inside another program, on one thread.
//!
//! Names in angle brackets, as `<frames>`, stand for what such a program holds. They are looked up when the command line is
//! read; what works on them later, on any thread, has their contents.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// What a command reads and writes in memory.
#[derive(Debug, Default)]
pub struct Memory {
    /// Contents of inputs by name; configurations are `.cfg`, whatever the format of files.
    pub inputs: BTreeMap<PathBuf, Arc<[u8]>>,
    /// Outputs by name; what has not been written as a whole is empty.
    pub outputs: BTreeMap<PathBuf, Buffer>,
    /// What goes to standard output.
    pub printed: Buffer,
    /// What goes to standard error.
    pub told: String,
}

thread_local! {
    static MEMORY: RefCell<Option<Memory>> = const { RefCell::new(None) };
}

/// An output in memory; clones are the same one.
#[derive(Clone, Debug, Default)]
pub struct Buffer(Arc<Mutex<Vec<u8>>>);

impl Buffer {
    /// Puts more at the end.
    pub(super) fn append(&self, bytes: &[u8]) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
    }

    /// What has been written, which is taken out.
    pub fn take(&self) -> Vec<u8> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl PartialEq for Buffer {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Buffer {}

/// Does something with files in memory, and returns it with what was written.
pub fn in_memory<T>(memory: Memory, work: impl FnOnce() -> T) -> (T, Memory) {
    let before = MEMORY.replace(Some(memory));
    let outcome = work();
    (outcome, MEMORY.replace(before).unwrap_or_default())
}

/// What this thread has in memory of its files, if a command runs inside another program.
fn known<T>(look: impl FnOnce(&mut Memory) -> Option<T>) -> Option<T> {
    MEMORY.with_borrow_mut(|memory| memory.as_mut().and_then(look))
}

/// The contents of an input of this name.
pub(super) fn input(path: &Path) -> Option<Arc<[u8]>> {
    known(|memory| memory.inputs.get(path).cloned())
}

/// The output of this name.
pub(super) fn output(path: &Path) -> Option<Buffer> {
    known(|memory| memory.outputs.get(path).cloned())
}

/// What stands for standard output.
pub(super) fn stdout() -> Option<Buffer> {
    known(|memory| Some(memory.printed.clone()))
}

/// Whether a command runs inside another program, which shows its progress itself.
pub fn is_hosted() -> bool {
    MEMORY.with_borrow(Option::is_some)
}

/// Takes what has been told so far.
pub fn take_told() -> String {
    known(|memory| Some(std::mem::take(&mut memory.told))).unwrap_or_default()
}

/// Keeps a text for the user in place of standard error, or gives it back.
pub(super) fn tell(text: String) -> Option<String> {
    MEMORY.with_borrow_mut(|memory| match memory {
        Some(memory) => {
            memory.told += &text;
            None
        }
        None => Some(text),
    })
}
