//! A line of a receta as a physician types it, read into its fields: "paracetamol 500 mg c/8h 5 d vo".
//!
//! What is not understood is never dropped: it becomes part of the instructions and is named. What can be read in two ways,
//! or cannot be, is told with its field, and the field keeps the words.

mod reader;

use clinical::medication::MedicationRequest;

use reader::Reader;

/// A typed line, as far as it was understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypedLine {
    /// The fields. What was not typed is absent.
    pub request: MedicationRequest,
    /// What must be looked at, in the order of the line.
    pub problems: Vec<Problem>,
}

/// The field of a line that a problem is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LineField {
    /// Denominación genérica.
    Medicine,
    /// Dosis.
    Dose,
    /// Periodicidad.
    Frequency,
    /// Duración.
    Duration,
}

/// Something of a line that could not be taken as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Where it belongs.
    pub field: LineField,
    /// The words, to be shown in the field.
    pub typed: String,
    /// What to do, in Spanish.
    pub message: String,
}

/// Reads one line. An empty one has no medicine.
#[must_use]
pub fn read_line(text: &str) -> TypedLine {
    let mut reader = Reader::new(text);
    reader.name();
    while reader.at < reader.words.len() {
        let before = reader.at;
        reader.take_one();
        debug_assert!(reader.at > before);
    }
    reader.finish()
}

/// Reads the rest of a line whose medicine is known, typed in one go: "tableta de 500 mg, caja con 20, 5 d". What is typed
/// stands in the place of what the line said; what is not typed stays.
#[must_use]
pub fn read_rest(of: &MedicationRequest, text: &str) -> TypedLine {
    let mut reader = Reader::new(text);
    reader.go_on(of.clone());
    while reader.at < reader.words.len() {
        reader.take_one();
    }
    reader.finish()
}

#[cfg(test)]
mod tests {
    use clinical::presentation::unit_word;

    use super::reader::route_word;
    use super::*;

    fn check(text: &str, line: &str, fields: &[LineField]) {
        let read = read_line(text);
        let found: Vec<LineField> = read.problems.iter().map(|problem| problem.field).collect();
        assert_eq!((read.request.to_string().as_str(), found.as_slice()), (line, fields), "{text}\n{read:?}");
    }

    #[test]
    fn a_typed_line_becomes_its_fields() {
        check(
            "paracetamol 500 mg c/8h 5 d vo",
            "Paracetamol 500 mg, vía oral, cada 8 horas, por 5 días.",
            &[],
        );
        check(
            "paracetamol 500mg cada 8 horas por 5 días vía oral",
            "Paracetamol 500 mg, vía oral, cada 8 horas, por 5 días.",
            &[],
        );
        check(
            "losartán 50 mg 1 tab c/24h x 30 d",
            "Losartán (tableta de 50 mg) 1 tableta, vía oral, cada 24 horas, por 30 días.",
            &[],
        );
        check(
            "amoxicilina tabs 500 mg, caja con 15, 1 tab c/8h 7d v.o.",
            "Amoxicilina (tableta de 500 mg, caja con 15) 1 tableta, vía oral, cada 8 horas, por 7 días.",
            &[],
        );
        check(
            "metformina 850 mg dos veces al día 1 mes",
            "Metformina 850 mg, cada 12 horas, por 30 días.",
            &[],
        );
        check(
            "ibuprofeno 400 mg c/8h 3 d prn",
            "Ibuprofeno 400 mg, cada 8 horas, por 3 días, solo si lo necesita.",
            &[],
        );
        check("azitromicina 500 mg diario 3 días", "Azitromicina 500 mg, cada 24 horas, por 3 días.", &[]);
        check("vitamina d 1 ámpula dosis única", "Colecalciferol 1 ampolleta, dosis única.", &[]);
    }

    #[test]
    fn a_form_that_is_no_piece_stands_in_the_presentation() {
        check(
            "mupirocina crema al 2 %, tubo con 15 g, 1 aplicación tópica c/8h 7 d",
            "Mupirocina (crema al 2 %, tubo con 15 g) 1 aplicación, vía tópica, cada 8 horas, por 7 días.",
            &[],
        );
        check(
            "tobramicina solución oftálmica, 1 gota c/4h 7 d",
            "Tobramicina (solución oftálmica) 1 gota, vía oftálmica, cada 4 horas, por 7 días.",
            &[],
        );
        check(
            "metformina tabs de liberación prolongada de 750 mg, 1 tab c/24h",
            "Metformina (tableta de liberación prolongada de 750 mg) 1 tableta, vía oral, cada 24 horas.",
            &[],
        );
        check(
            "mometasona espray nasal, frasco con 120 dosis, 2 disparos c/24h",
            "Mometasona (espray nasal, frasco con 120 dosis) 2 disparos, vía nasal, cada 24 horas.",
            &[],
        );
        check(
            "metilprednisolona 40 mg intraarticular dosis única",
            "Metilprednisolona 40 mg, vía intraarticular, dosis única.",
            &[],
        );
        check("clonazepam gotas, 4 gotas c/24h", "Clonazepam (gotas) 4 gotas, cada 24 horas.", &[]);
    }

    #[test]
    fn a_combination_is_one_medicine_and_a_drink_is_none() {
        check(
            "meclizina con piridoxina 20 gotas c/8h",
            "Meclozina / piridoxina 20 gotas, cada 8 horas.",
            &[],
        );
        check(
            "losartán/hidroclorotiazida 1 tab c/24h",
            "Losartán / hidroclorotiazida 1 tableta, vía oral, cada 24 horas.",
            &[],
        );
        check("ibuprofeno 400 mg con agua c/8h", "Ibuprofeno 400 mg, cada 8 horas; con agua.", &[]);
        check(
            "paracetamol y losartán 1 tab c/24h",
            "Paracetamol 1 tableta, vía oral, cada 24 horas; y losartán.",
            &[],
        );
    }

    #[test]
    fn the_rest_of_a_line_completes_it() {
        let complete = |line: &str, rest: &str, expected: &str| {
            let read = read_rest(&read_line(line).request, rest);
            assert_eq!(
                (read.request.to_string().as_str(), read.problems.as_slice()),
                (expected, [].as_slice())
            );
        };
        let line = "paracetamol 500 mg vo c/8h";
        complete(
            line,
            "tableta de 500 mg, caja con 20, 5 d",
            "Paracetamol (tableta de 500 mg, caja con 20) 500 mg, vía oral, cada 8 horas, por 5 días.",
        );
        complete(line, "5 d", "Paracetamol 500 mg, vía oral, cada 8 horas, por 5 días.");
        complete(line, "1 tab 3 d", "Paracetamol 1 tableta, vía oral, cada 8 horas, por 3 días.");
        complete("paracetamol", "500 mg c/6h", "Paracetamol 500 mg, cada 6 horas.");
        let kept = read_rest(&read_line("omeprazol 20 mg c/24h en ayunas").request, "14 d con agua").request;
        assert_eq!(kept.instructions.as_deref(), Some("en ayunas; con agua"));
        let wrong = read_rest(&read_line(line).request, "400 d");
        assert_eq!(wrong.problems[0].field, LineField::Duration);
    }

    #[test]
    fn halves_are_understood() {
        check("paracetamol 1/2 tableta c/8h", "Paracetamol 0.5 tableta, vía oral, cada 8 horas.", &[]);
        check("metamizol medio gramo cada ocho", "Metamizol 0.5 g, cada 8 horas.", &[]);
        check("warfarina 1 1/2 tab c/24h", "Warfarina 1.5 tabletas, vía oral, cada 24 horas.", &[]);
        check("losartan media tableta diaria", "Losartán 0.5 tableta, vía oral, cada 24 horas.", &[]);
    }

    #[test]
    fn what_cannot_be_is_refused_at_its_field() {
        check("paracetamol 500.000 mg c/8h", "Paracetamol, cada 8 horas.", &[LineField::Dose]);
        check("paracetamol 500 mg c/0h 5 d", "Paracetamol 500 mg, por 5 días.", &[LineField::Frequency]);
        check("losartán 50 mg c/24h 400 d", "Losartán 50 mg, cada 24 horas.", &[LineField::Duration]);
        check("paracetamol 0 tabletas", "Paracetamol.", &[LineField::Dose]);
        check("", ".", &[LineField::Medicine]);
        check("500 mg c/8h", " 500 mg, cada 8 horas.", &[LineField::Medicine]);
        let read = read_line("levotiroxina 0.125 mg diario");
        assert!(read.problems.is_empty(), "{read:?}");
    }

    #[test]
    fn a_misspelt_name_is_corrected_and_asked_about() {
        let read = read_line("parasetamol 500 mg c/8h");
        assert_eq!(read.request.medicine, "paracetamol");
        assert_eq!(
            read.problems[0].message,
            "Se entendió «paracetamol» por «parasetamol»: confirme que es ese"
        );
    }

    #[test]
    fn a_brand_gives_its_generic_name_and_one_nobody_knows_stays_as_typed() {
        let read = read_line("Tempra 500 mg c/8h");
        assert_eq!(
            (read.request.medicine.as_str(), read.request.brand.as_deref()),
            ("paracetamol", Some("Tempra"))
        );
        let read = read_line("Zutrolex Forte 10 mg c/12h");
        assert_eq!((read.request.medicine.as_str(), read.request.ingredients.len()), ("Zutrolex Forte", 0));
    }

    #[test]
    fn what_is_not_understood_stays_in_the_instructions() {
        let line = |text: &str| read_line(text).request;
        let read = line("omeprazol 20 mg c/24h 14 d en ayunas");
        assert_eq!(read.instructions.as_deref(), Some("en ayunas"));
        let read = line("ibuprofeno 400 mg c/8h si hay dolor, 2 cajas");
        assert_eq!(read.instructions.as_deref(), Some("si hay dolor"));
        assert!(read.as_needed);
        assert_eq!(read.quantity.as_deref(), Some("2 cajas"));
    }

    #[test]
    fn how_many_times_it_is_filled_is_no_instruction() {
        for (typed, fills, instructions) in [
            ("sertralina 50 mg, caja con 14, 1 tab c/24h 28 d, se surte 2 veces", Some(2), None),
            ("sertralina 50 mg c/24h 84 d surtir hasta tres veces", Some(3), None),
            ("ibuprofeno 400 mg si hay dolor se surte 2 veces", Some(2), Some("si hay dolor")),
            ("sertralina 50 mg c/24h se surte 99 veces", None, Some("se surte 99 veces")),
            ("losartán 50 mg 2 veces al día", None, None),
        ] {
            let read = read_line(typed).request;
            assert_eq!(
                (read.dispensing.fills, read.instructions.as_deref()),
                (fills, instructions),
                "{typed}"
            );
        }
        let sertraline =
            read_line("sertralina 50 mg, caja con 14, 1 tab c/24h 28 d, se surte 2 veces").request;
        assert_eq!(sertraline.to_dispense().unwrap().text, "1 caja con 14 tabletas");
    }

    #[test]
    fn a_concentration_is_of_the_presentation() {
        let read = read_line("amoxicilina 250 mg/5 ml frasco con 60 ml, 5 ml c/8h 7 d vo").request;
        assert_eq!(read.presentation.as_deref(), Some("250 mg/5 ml, frasco con 60 ml"));
        assert_eq!(read.dose.map(|dose| dose.to_string()).as_deref(), Some("5 ml"));
        assert_eq!(read.to_dispense().unwrap().text, "2 frascos con 60 ml");
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read_without_failing(text in "\\PC{0,80}") {
            let _ = read_line(&text);
        }

        /// A figure is never lost without a word: it is in a field, in the instructions or told.
        #[test]
        fn no_word_disappears(word in "[a-z]{4,9}") {
            let read = read_line(&format!("paracetamol 500 mg c/8h 5 d {word}"));
            let said = format!("{read:?}");
            proptest::prop_assert!(said.contains(&word) || unit_word(&word).is_some() || route_word(&word).is_some()
                || matches!(word.as_str(), "diario" | "diaria" | "semanal" | "boca"), "{}", said);
        }
    }
}
