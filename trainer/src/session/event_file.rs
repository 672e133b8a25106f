//! The event files of TensorBoard: records (TFRecord) of messages in the wire format of Protocol Buffers.
//!
//! A record is the length of its data (8 bytes), the masked CRC-32C of those bytes, the data, and their masked CRC-32C, all with
//! the least byte first. The data are an `Event`: 1 wall time (double), 2 step (int64), 3 version of the file (string), 5 summary
//! of values, each of them 1 tag (string) and 2 simple value (float). Source: `event.proto`, `summary.proto` and
//! `record_writer.cc` of TensorFlow.

use std::fs::{self, File};
use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use mtprs_core::Error;

use super::course::figures;
use crate::figures::{History, HistoryPoint};

/// The one file that is written to a folder. TensorBoard takes every file with "tfevents" in its name.
pub const EVENTS: &str = "events.out.tfevents.mtprs";

/// An event file that grows with a history.
pub(super) struct EventFile {
    path: PathBuf,
    file: File,
    /// In bytes, of whole records.
    length: u64,
    begun: f64,
    /// Points that are written.
    written: usize,
}

impl EventFile {
    /// Begins a file, in a folder that is made if it is missing.
    pub(super) fn create(path: &Path, now: SystemTime) -> Result<Self, Error> {
        let name = path.display().to_string();
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)
                .map_err(|error| Error::io("make", &folder.display().to_string(), &error))?;
        }
        let path = path.to_owned();
        let file = File::create(&path).map_err(|error| Error::io("write", &name, &error))?;
        let begun = now.duration_since(UNIX_EPOCH).map_or(0.0, |time| time.as_secs_f64());
        let mut new = Self { path, file, length: 0, begun, written: 0 };
        let mut version = Vec::new();
        double(&mut version, 1, begun);
        bytes(&mut version, 3, b"brain.Event:2");
        new.append(&record(&version))?;
        Ok(new)
    }

    /// Adds the points that are new.
    pub(super) fn follow(&mut self, history: &History) -> Result<(), Error> {
        let new = &history[self.written.min(history.len())..];
        let first = history.first().map_or(0.0, |point| point.seconds);
        let records: Vec<u8> =
            new.iter().flat_map(|point| record(&event(point, self.begun + point.seconds - first))).collect();
        self.append(&records)?;
        self.written = history.len();
        Ok(())
    }

    fn append(&mut self, bytes: &[u8]) -> Result<(), Error> {
        if let Err(error) = self.file.write_all(bytes).and_then(|()| self.file.flush()) {
            // A part of a record would spoil all that are added later.
            let _ = self.file.set_len(self.length);
            let _ = self.file.seek(SeekFrom::Start(self.length));
            return Err(Error::io("write", &self.path.display().to_string(), &error));
        }
        self.length += bytes.len() as u64;
        Ok(())
    }
}

/// The event of a point.
fn event(point: &HistoryPoint, wall_time: f64) -> Vec<u8> {
    let mut summary = Vec::new();
    for (tag, figure) in figures(point) {
        let Some(figure) = figure else { continue };
        let mut value = Vec::new();
        bytes(&mut value, 1, tag.as_bytes());
        value.push(2 << 3 | 5);
        value.extend((figure as f32).to_le_bytes());
        bytes(&mut summary, 1, &value);
    }
    let mut event = Vec::new();
    double(&mut event, 1, wall_time);
    event.push(2 << 3);
    varint(&mut event, point.iteration);
    bytes(&mut event, 5, &summary);
    event
}

fn double(message: &mut Vec<u8>, field: u8, value: f64) {
    message.push(field << 3 | 1);
    message.extend(value.to_le_bytes());
}

fn bytes(message: &mut Vec<u8>, field: u8, value: &[u8]) {
    message.push(field << 3 | 2);
    varint(message, value.len() as u64);
    message.extend(value);
}

fn varint(message: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        message.push(value as u8 | 0x80);
        value >>= 7;
    }
    message.push(value as u8);
}

/// A record with this data.
fn record(data: &[u8]) -> Vec<u8> {
    let length = (data.len() as u64).to_le_bytes();
    [&length[..], &masked_crc(&length), data, &masked_crc(data)].concat()
}

/// The CRC-32C of some bytes, rotated and shifted as records have it.
fn masked_crc(bytes: &[u8]) -> [u8; 4] {
    crc32c(bytes).rotate_right(15).wrapping_add(0xa282_ead8).to_le_bytes()
}

/// CRC-32C (Castagnoli), bit by bit: events are short.
fn crc32c(bytes: &[u8]) -> u32 {
    let step = |crc: u32, _| (crc >> 1) ^ (0x82f6_3b78 & (crc & 1).wrapping_neg());
    !bytes.iter().fold(!0, |crc, &byte| (0..8).fold(crc ^ u32::from(byte), step))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figures::RmseFigures;

    #[test]
    fn checksums_are_those_of_the_standard() {
        // RFC 3720, B.4, and the usual check value.
        assert_eq!(crc32c(&[0; 32]), 0x8a91_36aa);
        assert_eq!(crc32c(b"123456789"), 0xe306_9283);
    }

    #[test]
    fn an_event_is_the_message_that_protocol_buffers_make() {
        let point = HistoryPoint {
            iteration: 300,
            seconds: 0.0,
            loss: 1.5,
            training: RmseFigures::default(),
            validation: None,
        };
        let mut expected = vec![0x09];
        expected.extend(2.0_f64.to_le_bytes());
        expected.extend([0x10, 0xac, 0x02, 0x2a, 0x0d, 0x0a, 0x0b, 0x0a, 0x04]);
        expected.extend(b"loss");
        expected.push(0x15);
        expected.extend(1.5_f32.to_le_bytes());
        assert_eq!(event(&point, 2.0), expected);
    }

    #[test]
    fn a_file_grows_with_its_history_and_begins_anew_with_another_run() {
        let folder = mtprs_testing::scratch("event_file").join("board");
        let path = folder.join(EVENTS);
        let point = |iteration| HistoryPoint {
            iteration,
            seconds: iteration as f64,
            loss: 1.0,
            training: RmseFigures::default(),
            validation: None,
        };
        let mut file = EventFile::create(&path, UNIX_EPOCH).unwrap();
        let mut sizes = Vec::new();
        let size = || fs::metadata(&path).unwrap().len();
        for points in [0, 2, 2, 5] {
            file.follow(&(0..points).map(point).collect()).unwrap();
            sizes.push(size());
        }
        let one = record(&event(&point(1), 0.0)).len() as u64;
        assert_eq!([sizes[1] - sizes[0], sizes[2] - sizes[1], sizes[3] - sizes[2]], [2 * one, 0, 3 * one]);
        EventFile::create(&path, UNIX_EPOCH).unwrap();
        assert_eq!(size(), sizes[0]);
    }
}
