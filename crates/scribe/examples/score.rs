//! Batch for scoring.
fn main() {
    let mut a = std::env::args().skip(1);
    let (from, to) = (a.next().unwrap(), a.next().unwrap());
    std::fs::create_dir_all(&to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let id = path.file_stem().unwrap().to_string_lossy().into_owned();
        let Ok(transcript) = scribe::parse::transcript(&std::fs::read(&path).unwrap()) else {
            eprintln!("{id}");
            continue;
        };
        let draft = scribe::draft(&transcript);
        std::fs::write(
            format!("{to}/{id}.json"),
            serde_json::to_string_pretty(&scribe::wire::facts(&id, &draft)).unwrap(),
        )
        .unwrap();
    }
}
