//! Whether somebody tells of themselves or of another person: a companion who speaks for a silent patient says the same words of
//! illness, but "le duele" and "mi mamá", not "me duele".

use terminology::fold::fold;

use super::kin::{is_unrelated, kinship};

/// How often somebody has to speak of themselves.
const OFTEN: usize = 5;
/// And how much more often than of others: three times for each two.
const MORE: (usize, usize) = (3, 2);

/// Words of who speaks of themselves, folded.
const OF_SELF: [&str; 18] = [
    "me", "tengo", "tenia", "siento", "sentia", "traigo", "traia", "tomo", "tome", "tomaba", "duermo",
    "puedo", "ando", "estoy", "soy", "padezco", "fumo", "camino",
];
/// Words of who speaks of somebody else.
const OF_ANOTHER: [&str; 14] = [
    "le", "les", "ella", "tiene", "come", "duerme", "toma", "esta", "estaba", "anda", "trae", "dice",
    "quiere", "puede",
];

/// Whether what one voice says is plainly about themselves. A patient who hardly speaks, or tells much of others, is not
/// known by it.
#[must_use]
pub fn tells_of_self<'a>(said: impl IntoIterator<Item = &'a str>) -> bool {
    let (mut own, mut of_another) = (0, 0);
    for text in said {
        let folded = fold(text);
        let words: Vec<&str> =
            folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
        for (at, word) in words.iter().enumerate() {
            let relative = |next: &&str| kinship(next).is_some() || is_unrelated(next);
            if OF_SELF.contains(word) {
                own += 1;
            } else if OF_ANOTHER.contains(word) || *word == "mi" && words.get(at + 1).is_some_and(relative) {
                of_another += 1;
            }
        }
    }
    own >= OFTEN && own * MORE.1 >= of_another * MORE.0
}

#[cfg(test)]
mod tests {
    use clinical::transcript::Speaker;

    use super::tells_of_self;

    #[track_caller]
    fn check(said: &[&str], expected: bool) {
        assert_eq!(tells_of_self(said.iter().copied()), expected, "{said:?}");
    }

    #[test]
    fn a_patient_is_told_from_who_speaks_for_them() {
        check(
            &[
                "Me duele mucho la rodilla, ya no aguanto.",
                "Tengo como dos semanas, me empezó cuando me caí.",
                "Pues tomo paracetamol y me lo quita un rato.",
            ],
            true,
        );
        check(
            &[
                "Le duele mucho la rodilla, ya no aguanta.",
                "Mi mamá tiene como dos semanas, le empezó cuando se cayó, yo estoy preocupada.",
                "Toma paracetamol, yo se lo doy, y me dice que se le quita un rato, pero tengo miedo.",
            ],
            false,
        );
        check(&["Sí.", "Me duele.", "No."], false);
    }

    #[test]
    fn no_companion_of_the_consultations_held_aside_is_taken_for_the_patient() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/anotadas/reserva");
        let (mut companions, mut patients, mut known) = (0, 0, 0);
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let Ok(talk) = crate::parse::transcript(&std::fs::read(&path).unwrap()) else { continue };
            let said = |who: Speaker| -> Vec<&str> {
                talk.turns.iter().filter(|turn| turn.speaker == who).map(|turn| turn.text.as_str()).collect()
            };
            let companion = said(Speaker::Companion);
            assert!(!tells_of_self(companion.iter().copied()), "{}", path.display());
            if companion.is_empty() {
                patients += 1;
                known += usize::from(tells_of_self(said(Speaker::Patient)));
            } else {
                companions += 1;
            }
        }
        assert!(companions > 20, "{companions} companions");
        assert!(known * 4 >= patients * 3, "{known} of {patients} patients who came alone are known");
    }
}
