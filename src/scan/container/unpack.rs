//! Gzip and Zstandard, each with any number of members or frames.

use std::io::{self, BufRead, BufReader, Read};

use flate2::bufread::GzDecoder;
use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

use super::kind::Kind;

/// How much is asked for at once.
const BUFFER: usize = 256 << 10;

/// Unpacks one level of gzip or Zstandard; anything else passes as it is.
pub(super) fn unpack<'r>(kind: Kind, source: impl Read + Send + 'r) -> Box<dyn Read + Send + 'r> {
    let source = BufReader::with_capacity(BUFFER, source);
    match kind {
        Kind::Gzip => Box::new(Gzip { decoder: Some(GzDecoder::new(source)) }),
        Kind::Zstd => Box::new(Zstd { source, decoder: FrameDecoder::new(), inside: false }),
        _ => Box::new(source),
    }
}

/// Members of gzip one after the other. Unlike the reader of flate2 it lets zeros pass
/// behind the last one, which tapes and block-wise copies leave there.
struct Gzip<R> {
    decoder: Option<GzDecoder<R>>,
}

impl<R: BufRead> Read for Gzip<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        while let Some(decoder) = &mut self.decoder {
            let read = decoder.read(buffer)?;
            if read > 0 {
                return Ok(read);
            }
            let Some(mut source) = self.decoder.take().map(GzDecoder::into_inner) else { break };
            if another_member(&mut source)? {
                self.decoder = Some(GzDecoder::new(source));
            }
        }
        Ok(0)
    }
}

fn another_member(source: &mut impl BufRead) -> io::Result<bool> {
    loop {
        let bytes = source.fill_buf()?;
        let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
        match bytes.get(zeros) {
            Some(0x1F) => {
                source.consume(zeros);
                return Ok(true);
            }
            Some(_) => return Err(invalid("other bytes follow behind its packed data")),
            None if bytes.is_empty() => return Ok(false),
            None => source.consume(zeros),
        }
    }
}

/// Frames of Zstandard one after the other, those to be skipped among them.
struct Zstd<R> {
    source: R,
    decoder: FrameDecoder,
    inside: bool,
}

impl<R: BufRead> Read for Zstd<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        loop {
            if self.inside {
                while self.decoder.can_collect() == 0 && !self.decoder.is_finished() {
                    // One block (at most 128 KiB) at a time keeps the memory small.
                    let one = BlockDecodingStrategy::UptoBlocks(1);
                    let decoded = self.decoder.decode_blocks(&mut self.source, one);
                    decoded.map_err(|error| self.fault(&error))?;
                }
                let read = self.decoder.read(buffer)?;
                if read > 0 {
                    return Ok(read);
                }
                let said = self.decoder.get_checksum_from_data();
                if said.is_some() && said != self.decoder.get_calculated_checksum() {
                    return Err(invalid("its checksum is wrong"));
                }
                self.inside = false;
            }
            if self.source.fill_buf()?.is_empty() {
                return Ok(0);
            }
            match self.decoder.reset(&mut self.source) {
                Ok(()) => self.inside = true,
                Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame {
                    length,
                    ..
                })) => {
                    let length = u64::from(length);
                    let mut frame = (&mut self.source).take(length);
                    if io::copy(&mut frame, &mut io::sink())? < length {
                        return Err(io::ErrorKind::UnexpectedEof.into());
                    }
                }
                Err(error) => return Err(self.fault(&error)),
            }
        }
    }
}

impl<R: BufRead> Zstd<R> {
    /// What an error of the decoder means; the end of the source is the usual cause.
    fn fault(&mut self, error: &FrameDecoderError) -> io::Error {
        match (self.source.fill_buf().map(<[u8]>::is_empty), error) {
            (Err(error), _) => error,
            (_, FrameDecoderError::WindowSizeTooBig { requested, max }) => invalid(&format!(
                "unpacking it takes {requested} bytes of memory, and {max} are the most"
            )),
            (Ok(true), _) => io::ErrorKind::UnexpectedEof.into(),
            (Ok(false), _) => invalid(&error.to_string()),
        }
    }
}

fn invalid(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}
