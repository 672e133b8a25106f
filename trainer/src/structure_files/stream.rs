//! The bytes of an input: decompressed if they are gzip or Zstandard, by content and not by name, with a look ahead.

use std::io::{self, BufRead, BufReader, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use flate2::bufread::MultiGzDecoder;
use mtprs_core::{Error, Result};
use ruzstd::decoding::{FrameDecoder, StreamingDecoder};

use crate::endpoint::{Input, Stream};

/// Bytes that are looked at before reading, to recognize the format.
const HEAD_BYTES: usize = 1 << 13;

const GZIP: [u8; 2] = [0x1f, 0x8b];
const ZSTANDARD: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

/// An opened input.
pub(super) struct Opened {
    /// The text, from its beginning.
    pub(super) stream: Stream,
    /// The first bytes of the text.
    pub(super) head: Vec<u8>,
    /// Bytes of the file itself that were read so far.
    pub(super) bytes_read: Arc<AtomicU64>,
    /// Size of the file itself, if known.
    pub(super) size: Option<u64>,
}

impl Opened {
    /// Bytes of the file itself that were read so far.
    pub(super) fn bytes_read(&self) -> u64 {
        self.bytes_read.load(Ordering::Relaxed)
    }
}

/// Opens an input and looks at its beginning.
pub(super) fn open(input: &Input) -> Result<Opened> {
    let (stream, size) = input.open()?;
    let bytes_read = Arc::new(AtomicU64::new(0));
    let counted: Stream = Box::new(Counted { stream, bytes_read: Arc::clone(&bytes_read) });
    let failed = |error| Error::io("read", &input.name(), &error);
    let stream = decompressed(counted).map_err(failed)?;
    let (head, stream) = with_head(stream, HEAD_BYTES).map_err(failed)?;
    Ok(Opened { stream, head, bytes_read, size })
}

/// The text of a stream that may be compressed.
pub(super) fn decompressed(stream: Stream) -> io::Result<Stream> {
    let (head, stream) = with_head(stream, ZSTANDARD.len())?;
    if head.starts_with(&GZIP) {
        return Ok(Box::new(BufReader::with_capacity(1 << 16, MultiGzDecoder::new(stream))));
    }
    if head == ZSTANDARD {
        let frames = ZstandardFrames { next: Some(stream), current: None };
        return Ok(Box::new(BufReader::with_capacity(1 << 16, frames)));
    }
    Ok(stream)
}

/// The first bytes of a stream, and the stream from its beginning.
fn with_head(mut stream: Stream, bytes: usize) -> io::Result<(Vec<u8>, Stream)> {
    let mut head = Vec::new();
    (&mut stream).take(bytes as u64).read_to_end(&mut head)?;
    let whole = io::Cursor::new(head.clone()).chain(stream);
    Ok((head, Box::new(whole)))
}

struct Counted {
    stream: Stream,
    bytes_read: Arc<AtomicU64>,
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.stream.read(buffer)?;
        self.bytes_read.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}

impl BufRead for Counted {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.stream.fill_buf()
    }

    fn consume(&mut self, count: usize) {
        self.bytes_read.fetch_add(count as u64, Ordering::Relaxed);
        self.stream.consume(count);
    }
}

/// Zstandard frames one after the other, as `cat` and programs that append make them.
struct ZstandardFrames {
    next: Option<Stream>,
    current: Option<StreamingDecoder<Stream, FrameDecoder>>,
}

impl Read for ZstandardFrames {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            if let Some(mut stream) = self.next.take() {
                if stream.fill_buf()?.is_empty() {
                    return Ok(0);
                }
                self.current = Some(StreamingDecoder::new(stream).map_err(io::Error::other)?);
            }
            let Some(current) = &mut self.current else { return Ok(0) };
            let count = current.read(buffer)?;
            if count > 0 || buffer.is_empty() {
                return Ok(count);
            }
            self.next = self.current.take().map(StreamingDecoder::into_inner);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;
    use ruzstd::encoding::{CompressionLevel, compress_to_vec};

    use super::*;

    fn text_of(bytes: Vec<u8>) -> String {
        let mut text = String::new();
        decompressed(Box::new(io::Cursor::new(bytes))).unwrap().read_to_string(&mut text).unwrap();
        text
    }

    #[test]
    fn compressed_parts_one_after_the_other_are_read_as_one_text() {
        let gzip = |text: &str| {
            let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
            encoder.write_all(text.as_bytes()).unwrap();
            encoder.finish().unwrap()
        };
        let zstandard = |text: &str| compress_to_vec(text.as_bytes(), CompressionLevel::Fastest);
        assert_eq!(text_of([gzip("one "), gzip("two")].concat()), "one two");
        assert_eq!(text_of([zstandard("one "), zstandard("two")].concat()), "one two");
        assert_eq!(text_of(b"plain".to_vec()), "plain");
        assert_eq!(text_of(Vec::new()), "");
    }
}
