//! Work on a thread of its own, with Python's thread beside it that hands events on and looks out for Ctrl-C.

use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::Duration;

use mtprs::Failure;
use mtprs::endpoint::memory::{Memory, in_memory};
use mtprs::processes::Interrupt;
use mtprs_core::{Error, ErrorKind};
use pyo3::exceptions::PyKeyboardInterrupt;
use pyo3::prelude::*;

use crate::failure::{exception, in_python, of_error};

/// Time between two looks for signals.
const LOOK: Duration = Duration::from_millis(100);
/// What asks work to stop, as Ctrl-C does.
const SIGINT: i32 = 2;

/// What becomes of work that was finished when Ctrl-C came.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Late {
    /// It is done again when it is wanted again.
    Drop,
    /// It has taken long, and is handed on.
    Keep,
}

/// What has been done.
pub(crate) struct Done<T> {
    /// What came of it; nothing if there was no more than findings.
    pub(crate) outcome: Option<T>,
    /// What was printed, told and written.
    pub(crate) memory: Memory,
}

/// Where work sends what is to be known of it at once.
pub(crate) struct Events {
    sender: Sender<String>,
    heard: Receiver<()>,
}

impl Events {
    /// Sends a text and waits until the listener has heard it, so that what it raises ends the work here.
    pub(crate) fn tell(&self, text: String) {
        if self.sender.send(text).is_ok() {
            let _ = self.heard.recv();
        }
    }
}

/// Does some work and calls `listener` with each text that it sends.
///
/// # Errors
/// That of the work; that of the listener, or `KeyboardInterrupt`, after the work has stopped.
pub(crate) fn watched<T: Send>(
    py: Python<'_>,
    memory: Memory,
    listener: Option<&Bound<'_, PyAny>>,
    late: Late,
    work: impl FnOnce(Events) -> Result<T, Failure> + Send,
) -> PyResult<Done<T>> {
    let interrupt = Interrupt::default();
    let (sender, receiver) = mpsc::channel();
    let (hears, heard) = mpsc::channel();
    let events = Events { sender, heard };
    let (joined, stopped) = thread::scope(|scope| {
        let of_work = interrupt.clone();
        let worker = scope.spawn(move || of_work.in_place_of_signals(|| in_memory(memory, || work(events))));
        let stopped = watch(py, receiver, &hears, listener, &interrupt);
        (py.detach(|| worker.join()), stopped)
    });
    let Ok((outcome, mut memory)) = joined else {
        return Err(of_error(
            py,
            &Error::new(ErrorKind::Bug, "mtprs has a bug: its work ended unexpectedly"),
        ));
    };
    let failure = match outcome {
        Ok(outcome) if stopped.is_none() || late == Late::Keep => {
            if stopped.is_some() {
                memory.told +=
                    "warning: Ctrl-C came after the training had finished; its result is returned\n";
            }
            return Ok(Done { outcome: Some(outcome), memory });
        }
        Ok(_) => None,
        Err(failure) => exception(py, failure),
    };
    let raised = match (stopped, failure) {
        (None, None) => return Ok(Done { outcome: None, memory }),
        (None, Some(failure)) => failure,
        (Some(stopped), None) => stopped,
        // The interruption says what was kept.
        (Some(stopped), Some(failure)) if stopped.is_instance_of::<PyKeyboardInterrupt>(py) => failure,
        (Some(stopped), Some(failure)) => {
            stopped.value(py).call_method1("add_note", (format!("  note: {}", failure.value(py)),))?;
            stopped
        }
    };
    for line in in_python(&memory.told).lines().filter(|line| line.starts_with("warning: ")) {
        raised.value(py).call_method1("add_note", (format!("  {line}"),))?;
    }
    Err(raised)
}

/// Waits for the end of the work, which ends its sender; returns what stopped it.
fn watch(
    py: Python<'_>,
    mut receiver: Receiver<String>,
    hears: &Sender<()>,
    listener: Option<&Bound<'_, PyAny>>,
    interrupt: &Interrupt,
) -> Option<PyErr> {
    let mut stopped = None;
    loop {
        let (event, returned) = py.detach(move || (receiver.recv_timeout(LOOK), receiver));
        receiver = returned;
        if event == Err(RecvTimeoutError::Disconnected) {
            return stopped;
        }
        let is_event = event.is_ok();
        if stopped.is_none() {
            let heard = match (event, listener) {
                (Ok(text), Some(listener)) => listener.call1((text,)).map(drop),
                _ => Ok(()),
            };
            stopped = heard.and_then(|()| py.check_signals()).err();
            if stopped.is_some() {
                interrupt.ask(SIGINT);
            }
        }
        if is_event {
            let _ = hears.send(());
        }
    }
}
