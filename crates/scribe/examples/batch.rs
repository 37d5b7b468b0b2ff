//! Writes the facts of every consultation JSON of a folder: `batch INPUT_DIR OUTPUT_DIR`. For measuring during development;
//! the product's command is `medicus scribe --batch`.

use std::error::Error;
use std::path::PathBuf;

use clinical::transcript::{Speaker, Transcript, Turn};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1).map(PathBuf::from);
    let (input, output) = (arguments.next().ok_or("INPUT_DIR")?, arguments.next().ok_or("OUTPUT_DIR")?);
    std::fs::create_dir_all(&output)?;
    for entry in std::fs::read_dir(input)? {
        let path = entry?.path();
        if path.extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        let value: serde_json::Value = serde_json::from_slice(&std::fs::read(&path)?)?;
        let turns = value["turns"].as_array().map(Vec::as_slice).unwrap_or_default();
        let turns = turns
            .iter()
            .map(|turn| Turn {
                speaker: match turn["speaker"].as_str() {
                    Some("doctor") => Speaker::Doctor,
                    Some("patient") => Speaker::Patient,
                    Some("companion") => Speaker::Companion,
                    _ => Speaker::Unknown,
                },
                text: turn["text"].as_str().unwrap_or_default().to_owned(),
            })
            .collect();
        let id = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
        let facts = scribe::extract::facts(&Transcript { turns });
        let file = scribe::wire::FactsFile::new(id, &facts);
        std::fs::write(output.join(format!("{id}.json")), serde_json::to_vec_pretty(&file)?)?;
    }
    Ok(())
}
