//! Prints the note of a transcript file. For reading during development; the product's command is `medicus scribe`.

use std::error::Error;
use std::io::Write;

fn main() -> Result<(), Box<dyn Error>> {
    for path in std::env::args().skip(1) {
        let transcript = scribe::parse::transcript(&std::fs::read(path)?)?;
        writeln!(std::io::stdout(), "{}", scribe::wire::note_text(&scribe::draft(&transcript)))?;
    }
    Ok(())
}
