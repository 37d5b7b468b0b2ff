//! What a folder of ONNX files is: read from the names of its files and from what each network says of itself.
//!
//! sherpa-onnx ends the process when it is given a network it did not expect; so it is given only those known here.

use std::fs::{self, File};
use std::io::{self, BufReader, ErrorKind, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

/// The list of tokens, in every folder.
const TOKENS: &str = "tokens.txt";
/// What the encoder of a transducer calls itself: of NeMo (Parakeet), of icefall (Zipformer, Conformer).
const TRANSDUCERS: [&str; 5] =
    ["EncDecRNNTBPEModel", "EncDecHybridRNNTCTCBPEModel", "zipformer2", "zipformer", "conformer"];
/// What a network with CTC calls itself, of NeMo and of icefall.
const NEMO_CTC: [&str; 3] = ["EncDecCTCModelBPE", "EncDecCTCModel", "EncDecHybridRNNTCTCBPEModel"];
const ZIPFORMER_CTC: &str = "zipformer2_ctc";
/// The longest entry about itself that is looked at.
const LONGEST_ENTRY: u64 = 1 << 16;

/// The files of a model that can be run, and how.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct OnnxFolder {
    /// What the network calls itself.
    pub(crate) name: String,
    /// The list of tokens.
    pub(crate) tokens: PathBuf,
    /// The networks.
    pub(crate) networks: Networks,
}

/// The families that say when each token was heard. Those that do not (Canary, Qwen3-ASR) are left out: nobody could tell who
/// spoke the words.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Networks {
    /// Parakeet-TDT and other transducers.
    Transducer {
        /// Hears.
        encoder: PathBuf,
        /// Knows what was written.
        decoder: PathBuf,
        /// Puts both together.
        joiner: PathBuf,
    },
    /// A network of NeMo with CTC.
    NemoCtc(PathBuf),
    /// A Zipformer with CTC.
    ZipformerCtc(PathBuf),
}

impl OnnxFolder {
    /// Reads a folder; nothing when it is no model of a family that is known here.
    pub(crate) fn read(folder: &Path) -> io::Result<Option<Self>> {
        let mut files = fs::read_dir(folder)?
            .map(|entry| Ok(entry?.file_name().into_string().unwrap_or_default()))
            .collect::<io::Result<Vec<String>>>()?;
        // The same whatever the order of the disk; where both are there, the one in 8 bits: it is the one meant for a processor.
        files.sort_by_key(|name| (!name.contains("int8"), name.clone()));
        let network = |role: &str| {
            let named = files.iter().find(|name| name.starts_with(role) && name.ends_with(".onnx"));
            named.map(|name| folder.join(name))
        };
        let (encoder, decoder, joiner) = (network("encoder"), network("decoder"), network("joiner"));
        let Some(first) = encoder.clone().or_else(|| network("model")) else { return Ok(None) };
        let name = entry(&mut BufReader::new(File::open(&first)?), "model_type")?.unwrap_or_default();
        let networks = match (encoder, decoder, joiner) {
            (Some(encoder), Some(decoder), Some(joiner)) if TRANSDUCERS.contains(&name.as_str()) => {
                Networks::Transducer { encoder, decoder, joiner }
            }
            (None, ..) if NEMO_CTC.contains(&name.as_str()) => Networks::NemoCtc(first),
            (None, ..) if name == ZIPFORMER_CTC => Networks::ZipformerCtc(first),
            _ => return Ok(None),
        };
        let tokens = folder.join(TOKENS);
        Ok(tokens.is_file().then_some(Self { name, tokens, networks }))
    }
}

/// What an ONNX file says of itself under a key, without reading the network in it: the fields of the outermost message of
/// Protocol Buffers are gone through, those with lengths by leaping over them.
fn entry(file: &mut (impl Read + Seek), key: &str) -> io::Result<Option<String>> {
    /// `metadata_props` of `ModelProto`, and the two texts of `StringStringEntryProto`.
    const ENTRIES: u64 = 14;
    const KEY: u64 = 1;
    const VALUE: u64 = 2;
    let end = file.seek(SeekFrom::End(0))?;
    file.seek(SeekFrom::Start(0))?;
    while file.stream_position()? < end {
        let (field, length) = field(file)?;
        let next = file.stream_position()?.checked_add(length).filter(|next| *next <= end);
        let next = next.ok_or(ErrorKind::InvalidData)?;
        if field == ENTRIES && length <= LONGEST_ENTRY {
            let (mut name, mut value) = (Vec::new(), Vec::new());
            while file.stream_position()? < next {
                let (field, length) = self::field(file)?;
                let mut text = Vec::new();
                file.by_ref().take(length.min(LONGEST_ENTRY)).read_to_end(&mut text)?;
                match field {
                    KEY => name = text,
                    VALUE => value = text,
                    _ => {}
                }
            }
            if name == key.as_bytes() {
                return Ok(String::from_utf8(value).ok());
            }
        }
        file.seek(SeekFrom::Start(next))?;
    }
    Ok(None)
}

/// The number of the field that begins here, and how many bytes of it follow.
fn field(file: &mut impl Read) -> io::Result<(u64, u64)> {
    const NUMBER: u64 = 0;
    const EIGHT_BYTES: u64 = 1;
    const LENGTH: u64 = 2;
    const FOUR_BYTES: u64 = 5;
    let tag = varint(file)?;
    let follow = match tag & 7 {
        NUMBER => varint(file).map(|_| 0)?,
        EIGHT_BYTES => 8,
        LENGTH => varint(file)?,
        FOUR_BYTES => 4,
        _ => return Err(ErrorKind::InvalidData.into()),
    };
    Ok((tag >> 3, follow))
}

fn varint(file: &mut impl Read) -> io::Result<u64> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let mut byte = [0];
        file.read_exact(&mut byte)?;
        value |= u64::from(byte[0] & 0x7f) << shift;
        if byte[0] < 0x80 {
            return Ok(value);
        }
    }
    Err(ErrorKind::InvalidData.into())
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    /// A version, a graph of so many bytes and an entry.
    fn network(model_type: &str) -> Vec<u8> {
        let mut bytes = vec![0x08, 8, 0x3a, 0x80, 0x02];
        bytes.extend([0; 256]);
        for (key, value) in [("vocab_size", "7"), ("model_type", model_type)] {
            let pair =
                [&[0x0a, key.len() as u8], key.as_bytes(), &[0x12, value.len() as u8], value.as_bytes()]
                    .concat();
            bytes.extend([0x72, pair.len() as u8]);
            bytes.extend(pair);
        }
        bytes
    }

    fn folder(name: &str, files: &[(&str, &str)]) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("medicus-onnx-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        for (file, model_type) in files {
            fs::write(folder.join(file), network(model_type)).unwrap();
        }
        folder
    }

    #[test]
    fn a_folder_is_known_by_what_its_network_calls_itself_and_small_numbers_are_preferred() {
        let nemo = "EncDecRNNTBPEModel";
        let files = [
            ("encoder.onnx", nemo),
            ("encoder.int8.onnx", nemo),
            ("decoder.onnx", ""),
            ("joiner.int8.onnx", ""),
            ("tokens.txt", ""),
        ];
        let at = folder("transducer", &files);
        let read = OnnxFolder::read(&at).unwrap().unwrap();
        let networks = Networks::Transducer {
            encoder: at.join("encoder.int8.onnx"),
            decoder: at.join("decoder.onnx"),
            joiner: at.join("joiner.int8.onnx"),
        };
        assert_eq!(read, OnnxFolder { name: nemo.into(), tokens: at.join("tokens.txt"), networks });
        let ctc = |name: &str, model_type| {
            let at = folder(name, &[("model.int8.onnx", model_type), ("tokens.txt", "")]);
            OnnxFolder::read(&at).unwrap().map(|read| read.networks)
        };
        assert!(matches!(ctc("ctc", "EncDecCTCModelBPE"), Some(Networks::NemoCtc(_))));
        assert!(matches!(ctc("zip", "zipformer2_ctc"), Some(Networks::ZipformerCtc(_))));
        assert_eq!(ctc("unknown", "paraformer"), None);
        let canary = [("encoder.onnx", "EncDecMultiTaskModel"), ("decoder.onnx", ""), ("tokens.txt", "")];
        assert_eq!(OnnxFolder::read(&folder("canary", &canary)).unwrap(), None, "it says no times");
        assert_eq!(OnnxFolder::read(&folder("tokens", &files[..4])).unwrap(), None, "without its tokens");
        assert_eq!(OnnxFolder::read(&folder("joiner", &[files[0], files[2], files[4]])).unwrap(), None);
        assert_eq!(OnnxFolder::read(&folder("empty", &[])).unwrap(), None);
    }

    #[test]
    fn a_damaged_file_is_told_or_says_nothing_and_is_never_read_past_its_end() {
        let whole = network("EncDecCTCModel");
        let said = |bytes: &[u8]| entry(&mut Cursor::new(bytes), "model_type");
        assert_eq!(said(&whole).unwrap().as_deref(), Some("EncDecCTCModel"));
        for length in 0..whole.len() {
            assert!(!matches!(said(&whole[..length]), Ok(Some(_))), "{length}");
        }
        for at in 0..whole.len() {
            for byte in [0, 0x7f, 0xff] {
                let mut damaged = whole.clone();
                damaged[at] = byte;
                let _ = said(&damaged);
            }
        }
        assert!(said(&[0xff; 40]).is_err());
    }
}
