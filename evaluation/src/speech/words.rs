//! Words written down against words said: word error rate and wrong names of medicines, after both went through one
//! normaliser of Spanish.
//!
//! The normaliser: lower case; accents and diaeresis away, ñ kept; punctuation becomes a gap, but a point or comma between
//! two digits stays as a point; a thousands comma before exactly three digits is dropped; units are parted from their
//! number (`500mg` is two words) and `miligramos`, `mililitros`, `gramos`, `por ciento` are written as their symbols;
//! hesitations (`eh`, `em`, `mmm`) are left out. Numbers said as words and as digits are not made
//! equal: for a prescription the difference is not harmless, so it counts.

use std::collections::HashMap;
use std::fmt;

use terminology::medicines::MedicineCatalog;

use super::score::share;

/// Words that are wrong.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct WordErrors {
    pub(super) said: usize,
    wrong: usize,
    medicines: usize,
    medicines_lost: usize,
    medicines_invented: usize,
}

impl WordErrors {
    pub(super) fn add(&mut self, other: Self) {
        self.said += other.said;
        self.wrong += other.wrong;
        self.medicines += other.medicines;
        self.medicines_lost += other.medicines_lost;
        self.medicines_invented += other.medicines_invented;
    }
}

impl fmt::Display for WordErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "words wrong {:.2} % of {}; names of medicines lost {} of {}, invented {}",
            100.0 * share(self.wrong, self.said),
            self.said,
            self.medicines_lost,
            self.medicines,
            self.medicines_invented
        )
    }
}

/// What is wrong in `written`, when `said` was said.
pub(super) fn errors(said: &str, written: &str) -> WordErrors {
    let (said, written) = (normalised(said), normalised(written));
    let (meant, found) = (medicines(&said), medicines(&written));
    let beyond = |these: &HashMap<&str, usize>, those: &HashMap<&str, usize>| {
        these
            .iter()
            .map(|(name, count)| count.saturating_sub(those.get(name).copied().unwrap_or_default()))
            .sum()
    };
    WordErrors {
        said: said.len(),
        wrong: distance(&said, &written),
        medicines: meant.values().sum(),
        medicines_lost: beyond(&meant, &found),
        medicines_invented: beyond(&found, &meant),
    }
}

/// How often each word that names a medicine is there.
fn medicines(words: &[String]) -> HashMap<&str, usize> {
    let catalogue = MedicineCatalog::core();
    let mut found = HashMap::new();
    for word in words.iter().filter(|word| word.chars().count() > 3 && catalogue.find(word).is_some()) {
        *found.entry(word.as_str()).or_default() += 1;
    }
    found
}

/// The fewest words to be changed, added or left out.
fn distance(said: &[String], written: &[String]) -> usize {
    let mut row: Vec<usize> = (0..=written.len()).collect();
    for (at, word) in said.iter().enumerate() {
        let mut corner = at;
        row[0] = at + 1;
        for (column, other) in written.iter().enumerate() {
            let changed = corner + usize::from(word != other);
            corner = row[column + 1];
            row[column + 1] = changed.min(corner + 1).min(row[column] + 1);
        }
    }
    row.last().copied().unwrap_or_default()
}

/// The words of a text as they are compared; the rules are at the head of this file.
fn normalised(text: &str) -> Vec<String> {
    let lower = text.to_lowercase();
    let letters: Vec<char> = lower.chars().map(plain).collect();
    let mut words = String::with_capacity(lower.len());
    for (at, letter) in letters.iter().copied().enumerate() {
        let digit = |at: Option<usize>| at.and_then(|at| letters.get(at)).is_some_and(char::is_ascii_digit);
        let before = digit(at.checked_sub(1));
        match letter {
            ',' if before && (1..=3).all(|next| digit(Some(at + next))) && !digit(Some(at + 4)) => {}
            '.' | ',' if before && digit(Some(at + 1)) => words.push('.'),
            '%' => words.push_str(" % "),
            letter if letter.is_alphanumeric() => {
                if letter.is_alphabetic() && before {
                    words.push(' ');
                }
                words.push(letter);
            }
            _ => words.push(' '),
        }
    }
    let joined = words.replace(" por ciento", " %");
    let said = joined.split_whitespace().filter(|word| !matches!(*word, "eh" | "em" | "ehm" | "mmm" | "mm"));
    said.map(|word| symbol(word).to_owned()).collect()
}

fn plain(letter: char) -> char {
    match letter {
        'á' | 'à' | 'ä' => 'a',
        'é' | 'è' | 'ë' => 'e',
        'í' | 'ì' | 'ï' => 'i',
        'ó' | 'ò' | 'ö' => 'o',
        'ú' | 'ù' | 'ü' => 'u',
        other => other,
    }
}

fn symbol(word: &str) -> &str {
    match word {
        "miligramo" | "miligramos" => "mg",
        "microgramo" | "microgramos" => "mcg",
        "gramo" | "gramos" => "g",
        "mililitro" | "mililitros" => "ml",
        "kilo" | "kilos" | "kilogramo" | "kilogramos" => "kg",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_only_written_differently_is_no_error() {
        let found = errors(
            "Tome metformina, 850 miligramos, cada 12 horas.",
            "tome Metformina 850mg cada 12 horas eh",
        );
        assert_eq!((found.said, found.wrong, found.medicines), (7, 0, 1));
    }

    #[test]
    fn another_medicine_is_one_lost_and_one_invented() {
        let found = errors("le doy losartán de 50 mg", "le doy loratadina de 50 mg");
        assert_eq!((found.wrong, found.medicines_lost, found.medicines_invented), (1, 1, 1));
    }

    #[test]
    fn a_lost_no_and_another_dose_count() {
        assert_eq!(errors("no tiene 1,500 células", "tiene 1.500 células").wrong, 2);
    }
}
