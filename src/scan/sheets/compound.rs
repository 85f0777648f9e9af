//! Whether the chains of sectors in a compound file end ([MS-CFB] 2.2 to 2.5). XLS files
//! are such files, and calamine follows a chain that leads back into itself until memory
//! is full.

use std::io::{self, Read, Seek, SeekFrom};

/// Sectors from here on mean something else than a sector that follows.
const RESERVED: u32 = 0xFFFF_FFFA;
/// Entries of the table of tables that stand in the header, and where they start.
const IN_HEADER: usize = 109;
const HEADER_TABLE: usize = 76;

/// Whether every chain ends. A file that is no compound file has none. The reader is at
/// its start afterwards.
pub(super) fn chains_end<R: Read + Seek>(reader: &mut R) -> io::Result<bool> {
    let ends = Compound::open(reader)?.map_or(Ok(true), |mut file| file.chains_end());
    reader.rewind()?;
    ends
}

struct Compound<'r, R> {
    reader: &'r mut R,
    header: Vec<u8>,
    /// Bytes of a sector.
    size: usize,
    /// How many sectors there are at most.
    sectors: usize,
}

impl<'r, R: Read + Seek> Compound<'r, R> {
    fn open(reader: &'r mut R) -> io::Result<Option<Self>> {
        let len = reader.seek(SeekFrom::End(0))?;
        reader.rewind()?;
        let mut header = Vec::new();
        reader.by_ref().take(512).read_to_end(&mut header)?;
        let shift = header.get(30).copied().unwrap_or_default();
        if header.len() < 512 || !matches!(shift, 9 | 12) {
            return Ok(None);
        }
        let size = 1_usize << shift;
        let sectors = usize::try_from(len).unwrap_or(usize::MAX) / size + 1;
        Ok(Some(Self { reader, header, size, sectors }))
    }

    /// A sector, as numbers; those that the file does not have any more are left out.
    fn sector(&mut self, number: u32) -> io::Result<Vec<u32>> {
        self.reader.seek(SeekFrom::Start((u64::from(number) + 1) * self.size as u64))?;
        let mut bytes = Vec::new();
        self.reader.by_ref().take(self.size as u64).read_to_end(&mut bytes)?;
        Ok(numbers(&bytes))
    }

    fn chains_end(&mut self) -> io::Result<bool> {
        let header = numbers(&self.header);
        let mut tables: Vec<u32> = header[HEADER_TABLE / 4..HEADER_TABLE / 4 + IN_HEADER].to_vec();
        let mut next = header[68 / 4];
        let mut seen = 0;
        while next < RESERVED {
            let sector = self.sector(next)?;
            let Some((last, entries)) = sector.split_last() else { break };
            tables.extend(entries);
            next = *last;
            seen += 1;
            if seen > self.sectors {
                return Ok(false);
            }
        }
        tables.retain(|&table| table < RESERVED);
        if tables.len() > self.sectors {
            return Ok(false);
        }
        let mut chains = Vec::new();
        for table in tables {
            chains.extend(self.sector(table)?);
        }
        if leads_back(&chains) {
            return Ok(false);
        }
        // The chains of small streams have a table of their own, which is a chain.
        let mut small = Vec::new();
        let mut next = header[60 / 4];
        while next < RESERVED {
            small.extend(self.sector(next)?);
            next = chains.get(next as usize).copied().unwrap_or(RESERVED);
        }
        Ok(!leads_back(&small))
    }
}

fn numbers(bytes: &[u8]) -> Vec<u32> {
    bytes.as_chunks().0.iter().map(|bytes| u32::from_le_bytes(*bytes)).collect()
}

/// Whether a chain meets itself; `next` says what follows each sector.
fn leads_back(next: &[u32]) -> bool {
    /// A sector on no chain that was followed yet.
    const NEW: u32 = 0;
    let mut met = vec![NEW; next.len()];
    for (round, start) in (1..).zip(0..next.len()) {
        let mut at = start;
        while let Some(mark) = met.get_mut(at) {
            if *mark == round {
                return true;
            }
            if *mark != NEW {
                break;
            }
            *mark = round;
            at = next[at] as usize;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    const END: u32 = 0xFFFF_FFFE;

    #[test]
    fn chains_that_lead_back_are_found() {
        for next in [&[][..], &[END], &[1, 2, END], &[END, 0, 1], &[2, END, 1], &[9, END]] {
            assert!(!leads_back(next), "{next:?}");
        }
        // Chains that join do not lead back.
        assert!(!leads_back(&[2, 2, END]));
        for next in [&[0][..], &[1, 0], &[END, 2, 1], &[1, 2, 3, 1], &[END, END, 2]] {
            assert!(leads_back(next), "{next:?}");
        }
    }

    /// A compound file with this table of chains in its first sector.
    fn compound(next: &[u32]) -> Cursor<Vec<u8>> {
        let mut bytes = vec![0xFF_u8; 1024];
        bytes[..8].copy_from_slice(b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1");
        bytes[30..32].copy_from_slice(&9_u16.to_le_bytes());
        bytes[76..80].copy_from_slice(&0_u32.to_le_bytes());
        for (at, next) in next.iter().enumerate() {
            bytes[512 + 4 * at..][..4].copy_from_slice(&next.to_le_bytes());
        }
        Cursor::new(bytes)
    }

    #[test]
    fn files_are_told_apart() {
        assert!(chains_end(&mut compound(&[0xFFFF_FFFD, 2, END])).unwrap());
        assert!(!chains_end(&mut compound(&[0xFFFF_FFFD, 1])).unwrap());
        for no_file in [&b""[..], b"id,notes\n", &[0; 600]] {
            assert!(chains_end(&mut Cursor::new(no_file)).unwrap());
        }
        let mut reader = compound(&[1]);
        chains_end(&mut reader).unwrap();
        assert_eq!(reader.position(), 0);
    }
}
