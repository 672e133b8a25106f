//! Where a report comes from, as its page tells it.

use std::path::Path;
use std::time::SystemTime;

use crate::endpoint::Input;
use crate::learning::template::quoted;
use crate::processes::call;
use crate::report::{FileRecord, Provenance};

/// Most bytes of a file that are read once more for its checksum: seconds, not minutes.
const MOST_HASHED: u64 = 1 << 31;

/// Where a report comes from that is made of these files, with all settings in the words of a job file.
pub fn provenance(inputs: impl IntoIterator<Item = Input>, settings: Option<String>) -> Provenance {
    let files = inputs.into_iter().filter_map(|input| {
        let size = input.size()?;
        let checksum = (size <= MOST_HASHED).then(|| input.checksum()).flatten();
        Some(FileRecord { name: input.name(), size, checksum })
    });
    let call = call::current();
    let command = call.as_ref().map(|call| {
        let mut words = call.words.iter().map(|word| word.to_string_lossy());
        let program = words.next().unwrap_or_default();
        let program = Path::new(&*program).file_name().map_or(program.clone(), |name| name.to_string_lossy());
        [program].into_iter().chain(words).map(|word| quoted(&word)).collect::<Vec<_>>().join(" ")
    });
    Provenance {
        command,
        begun: Some(call.as_ref().map_or_else(SystemTime::now, |call| call.begun)),
        elapsed: call.map(|call| call.at.elapsed()),
        settings,
        files: files.collect(),
    }
}
