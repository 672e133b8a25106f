//! The bytes of an input: decompressed if they are gzip or Zstandard, by content and not by name, with a look ahead.

use std::io::{self, BufRead, BufReader, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use flate2::bufread::MultiGzDecoder;
use mtprs_core::format::without_mark;
use mtprs_core::{Error, ErrorKind, Result};
use ruzstd::decoding::{FrameDecoder, StreamingDecoder};

use crate::endpoint::{Input, Stream};

/// Bytes that are looked at before reading, to recognize the format.
const HEAD_BYTES: usize = 1 << 13;

/// What is wrong with compressed data that are cut: what came before is right, as far as it goes.
pub(super) const CUT: &str = "the compressed file ends early";

/// What is wrong with compressed data otherwise: nothing that came out of them can be relied on.
const CORRUPT: &str = "the compressed data are corrupt";

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
    let (mut head, mut stream) = with_head(stream, HEAD_BYTES).map_err(failed)?;
    let mark = head.len() - without_mark(&head).map_err(|error| error.in_file(&input.name()))?.len();
    head.drain(..mark);
    stream.read_exact(&mut [0; 4][..mark]).map_err(failed)?;
    Ok(Opened { stream, head, bytes_read, size })
}

/// Text in memory as a stream.
pub(super) fn of_text(text: &[u8]) -> Stream {
    Box::new(io::Cursor::new(without_mark(text).unwrap_or(text).to_vec()))
}

/// The text of a stream that may be compressed.
pub(super) fn decompressed(stream: Stream) -> io::Result<Stream> {
    let (head, stream) = with_head(stream, ZSTANDARD.len())?;
    if head.starts_with(&GZIP) {
        let text = Decompressed(MultiGzDecoder::new(stream));
        return Ok(Box::new(BufReader::with_capacity(1 << 16, text)));
    }
    if head == ZSTANDARD {
        let frames = ZstandardFrames { next: Some(stream), current: None };
        return Ok(Box::new(BufReader::with_capacity(1 << 16, Decompressed(frames))));
    }
    Ok(stream)
}

/// The first bytes of a stream, and the stream from its beginning. Where it is cut within them, the error comes when
/// they have been read.
fn with_head(mut stream: Stream, bytes: usize) -> io::Result<(Vec<u8>, Stream)> {
    let mut head = Vec::new();
    let read = (&mut stream).take(bytes as u64).read_to_end(&mut head);
    let rest: Stream = match read {
        Ok(_) => stream,
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof && !head.is_empty() => {
            Box::new(BufReader::new(Failing(error)))
        }
        Err(error) => return Err(error),
    };
    let whole = io::Cursor::new(head.clone()).chain(rest);
    Ok((head, Box::new(whole)))
}

/// A stream that cannot be read any further.
struct Failing(io::Error);

impl Read for Failing {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        Err(io::Error::new(self.0.kind(), self.0.to_string()))
    }
}

/// Whether an error says that compressed data are cut.
pub(super) fn is_cut(error: &Error) -> bool {
    error.kind() == ErrorKind::Io && error.message().contains(CUT)
}

/// Whether an error says that compressed data are cut or corrupt.
pub(super) fn is_of_compression(error: &Error) -> bool {
    is_cut(error) || (error.kind() == ErrorKind::Io && error.message().contains(CORRUPT))
}

/// Decompressed text, whose errors tell what is wrong with the data from what is wrong with the disk.
struct Decompressed<R>(R);

impl<R: Read> Read for Decompressed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer).map_err(|error| {
            let is_of_disk = error.kind() == io::ErrorKind::Interrupted
                || has_cause(&error, |cause| cause.raw_os_error().is_some());
            if is_of_disk {
                error
            } else if has_cause(&error, |cause| cause.kind() == io::ErrorKind::UnexpectedEof) {
                io::Error::new(io::ErrorKind::UnexpectedEof, format!("{CUT}: {error}"))
            } else {
                io::Error::new(io::ErrorKind::InvalidData, format!("{CORRUPT}: {error}"))
            }
        })
    }
}

/// Whether an error, or one of those behind it, is one of reading like this.
fn has_cause(error: &io::Error, is_like: impl Fn(&io::Error) -> bool) -> bool {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = cause {
        if error.downcast_ref::<io::Error>().is_some_and(&is_like) {
            return true;
        }
        cause = error.source();
    }
    false
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
    fn data_that_are_cut_give_what_came_before_and_then_an_error_that_says_so() {
        let text = "0123456789".repeat(3000);
        // without compression the text stands in the file as it is, behind 10 bytes of gzip and 5 of the block
        let mut encoder = GzEncoder::new(Vec::new(), Compression::none());
        encoder.write_all(text.as_bytes()).unwrap();
        let whole = encoder.finish().unwrap();
        let read = |bytes: &[u8]| {
            let (head, mut stream) =
                with_head(decompressed(Box::new(io::Cursor::new(bytes.to_vec()))).unwrap(), HEAD_BYTES)?;
            let mut read = Vec::new();
            let error = stream.read_to_end(&mut read).err();
            assert!(read.starts_with(&head));
            Ok::<_, io::Error>((read, error.map(|error| Error::io("read", "f", &error))))
        };
        for kept in [100, HEAD_BYTES + 100] {
            let (got, error) = read(&whole[..15 + kept]).unwrap();
            assert!(text.as_bytes().starts_with(&got) && (kept - 8..=kept).contains(&got.len()));
            assert!(error.is_some_and(|error| is_cut(&error) && is_of_compression(&error)));
        }
        // four bytes of the checksum and four of the length end the file
        let (got, error) = read(&whole[..whole.len() - 1]).unwrap();
        assert!(got == text.as_bytes() && error.is_some_and(|error| is_cut(&error)));
        let mut corrupt = whole.clone();
        corrupt[20_000] ^= 1;
        let (_, error) = read(&corrupt).unwrap();
        assert!(error.is_some_and(|error| !is_cut(&error) && is_of_compression(&error)));
        let zstandard = compress_to_vec(text.as_bytes(), CompressionLevel::Fastest);
        let error = match read(&zstandard[..zstandard.len() - 1]) {
            Ok((_, error)) => error,
            Err(error) => Some(Error::io("read", "f", &error)),
        };
        assert!(error.is_some_and(|error| is_cut(&error)));
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
