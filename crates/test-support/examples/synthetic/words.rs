//! Sentences as physicians write them, put together by dice that always fall the same way.

/// Numbers that look random and are the same every time (SplitMix64).
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Below `end`, all alike.
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.roll() % end.max(1)
    }

    /// Below `end`; small numbers come often, large ones hardly ever.
    pub(crate) fn skewed(&mut self, end: usize) -> usize {
        let part = self.below(1 << 20) as f64 / f64::from(1 << 20);
        ((end as f64) * part.powi(4)) as usize
    }

    /// One of a list.
    pub(crate) fn of<'a>(&mut self, list: &[&'a str]) -> &'a str {
        list[self.below(list.len() as u64) as usize]
    }
}

#[rustfmt::skip]
pub(crate) const GIVEN: [&str; 24] = [
    "María", "José Luis", "Guadalupe", "Juan", "Ana Sofía", "Miguel Ángel", "Teresa", "Iñaki", "Rosa", "Carlos",
    "Lucía", "Ernesto", "Ximena", "Raúl", "Begoña", "Tomás", "Elena", "Óscar", "Nicolás", "Araceli", "Hugo", "Irene",
    "Pablo", "Jacinta",
];

#[rustfmt::skip]
pub(crate) const SURNAMES: [&str; 24] = [
    "Ahuehuete", "Encino", "Ceiba", "Roble", "Oyamel", "Mezquite", "Nogal", "Pirul", "Jacaranda", "Fresno", "Sabino",
    "Copal", "Huizache", "Tepozán", "Ocote", "Cedro", "Álamo", "Zapote", "Guayacán", "Mangle", "Palo Verde",
    "Nopalera", "Liquidámbar", "Tejocote",
];

#[rustfmt::skip]
const SYMPTOMS: [&str; 40] = [
    "cefalea", "fiebre", "tos seca", "tos con expectoración amarilla", "disnea", "dolor torácico", "palpitaciones",
    "náusea", "vómito", "diarrea", "estreñimiento", "dolor abdominal", "pirosis", "disuria", "poliuria", "lumbalgia",
    "artralgias", "mialgias", "astenia", "mareo", "vértigo", "insomnio", "ansiedad", "tristeza", "edema", "prurito",
    "exantema", "odinofagia", "otalgia", "rinorrea", "congestión nasal", "visión borrosa", "parestesias", "temblor",
    "pérdida de peso", "sudoración nocturna", "sangrado", "hematuria", "ronquido", "hiporexia",
];

#[rustfmt::skip]
const PLACES: [&str; 22] = [
    "la rodilla derecha", "la rodilla izquierda", "el hombro derecho", "la cadera", "la región lumbar", "el abdomen",
    "el epigastrio", "el hipocondrio derecho", "la fosa iliaca derecha", "el tórax", "la garganta", "el oído derecho",
    "la mano izquierda", "el tobillo", "el pie derecho", "la cara", "el cuello", "la espalda", "la muñeca",
    "la pantorrilla", "el ojo izquierdo", "la nuca",
];

#[rustfmt::skip]
const DISEASES: [&str; 26] = [
    "hipertensión arterial", "diabetes mellitus tipo 2", "HTA", "DM2", "hipotiroidismo", "dislipidemia", "obesidad",
    "asma", "EPOC", "migraña", "gastritis", "ERGE", "colitis", "artritis reumatoide", "osteoartritis", "osteoporosis",
    "insuficiencia cardiaca", "fibrilación auricular", "cardiopatía isquémica", "enfermedad renal crónica", "anemia",
    "depresión", "epilepsia", "psoriasis", "rinitis alérgica", "infección de vías urinarias",
];

#[rustfmt::skip]
const MEDICINES: [&str; 28] = [
    "losartán 50 mg", "metformina 850 mg", "amlodipino 5 mg", "enalapril 10 mg", "atorvastatina 20 mg",
    "levotiroxina 100 mcg", "omeprazol 20 mg", "paracetamol 500 mg", "ibuprofeno 400 mg", "naproxeno 250 mg",
    "amoxicilina 500 mg", "ciprofloxacino 500 mg", "nitrofurantoína 100 mg", "salbutamol", "budesonida",
    "montelukast 10 mg", "loratadina 10 mg", "sertralina 50 mg", "fluoxetina 20 mg", "clonazepam 2 mg",
    "insulina glargina", "glibenclamida 5 mg", "hidroclorotiazida 25 mg", "furosemida 40 mg", "espironolactona 25 mg",
    "ácido acetilsalicílico 100 mg", "clopidogrel 75 mg", "warfarina 5 mg",
];

#[rustfmt::skip]
const STUDIES: [&str; 16] = [
    "biometría hemática", "química sanguínea", "examen general de orina", "hemoglobina glucosilada", "perfil de lípidos",
    "perfil tiroideo", "electrocardiograma", "radiografía de tórax", "ultrasonido abdominal", "densitometría",
    "tomografía de cráneo", "espirometría", "urocultivo", "ecocardiograma", "resonancia de columna", "colonoscopia",
];

/// Beginnings of words that seldom come, so that there is a word for every rarity.
#[rustfmt::skip]
const RARE: [&str; 12] = [
    "fitofoto", "queilo", "onico", "mieloma", "escleroderma", "sialo", "dacrio", "coccigo", "gonalgia", "pterigio",
    "acrocordon", "xantelasma",
];

fn time(dice: &mut Dice) -> String {
    let unit = dice.of(&["días", "semanas", "meses", "años"]);
    format!("{} {unit}", 2 + dice.below(12))
}

/// A sentence of a note.
pub(crate) fn sentence(dice: &mut Dice) -> String {
    let (a, b) = (dice.of(&SYMPTOMS), dice.of(&SYMPTOMS));
    match dice.below(18) {
        0 => format!("Paciente que acude por {a} de {} de evolución, acompañada de {b}.", time(dice)),
        1 => format!(
            "Refiere {a} en {} desde hace {}, que aumenta con el esfuerzo.",
            dice.of(&PLACES),
            time(dice)
        ),
        2 => format!("Niega {a}, {b} y otros síntomas de alarma."),
        3 => {
            format!("Antecedente de {} de {} de diagnóstico, en tratamiento.", dice.of(&DISEASES), time(dice))
        }
        4 => format!("Toma {} cada {} horas con buen apego.", dice.of(&MEDICINES), 8 * (1 + dice.below(3))),
        5 => {
            format!("Se indica {} cada {} horas por {}.", dice.of(&MEDICINES), 6 + dice.below(18), time(dice))
        }
        6 => format!("Se solicita {} y {} para la próxima consulta.", dice.of(&STUDIES), dice.of(&STUDIES)),
        7 => format!(
            "Tensión arterial {}/{} mmHg, frecuencia cardiaca {} por minuto, temperatura 36.{} °C.",
            100 + dice.below(70),
            60 + dice.below(40),
            55 + dice.below(60),
            dice.below(9)
        ),
        8 => format!(
            "A la exploración dolor a la palpación en {}, sin datos de irritación peritoneal.",
            dice.of(&PLACES)
        ),
        9 => "Campos pulmonares bien ventilados, ruidos cardiacos rítmicos sin soplos.".to_owned(),
        10 => format!("Madre con {}, padre con {}.", dice.of(&DISEASES), dice.of(&DISEASES)),
        11 => format!(
            "Continúa {}; se explican datos de alarma y se cita en {}.",
            dice.of(&MEDICINES),
            time(dice)
        ),
        12 => format!("Evolución favorable de la {a} respecto a la consulta previa, persiste {b} ocasional."),
        13 => format!(
            "Glucosa {} mg/dL, colesterol {} mg/dL, creatinina 0.{} mg/dL.",
            70 + dice.below(200),
            120 + dice.below(180),
            5 + dice.below(5)
        ),
        14 => format!("Se descarta {} por clínica y {}.", dice.of(&DISEASES), dice.of(&STUDIES)),
        15 => format!(
            "Refiere que la {a} le impide {} y {}.",
            dice.of(&["dormir", "trabajar", "caminar", "comer"]),
            dice.of(&["cargar", "manejar", "concentrarse", "hacer ejercicio"])
        ),
        16 => "Se recomienda dieta con verduras, caminar treinta minutos al día y beber agua suficiente."
            .to_owned(),
        _ => rare(dice),
    }
}

/// A word seen about once in `2^k` notes, for every k.
fn rare(dice: &mut Dice) -> String {
    let mut rarity = 0;
    while rarity < 16 && dice.below(2) == 0 {
        rarity += 1;
    }
    let word = dice.of(&RARE);
    format!("Se anota {word}{} de {}.", letters(rarity), time(dice))
}

/// A stable ending for a number: "", "ba", "ca", ...
fn letters(number: u32) -> String {
    let consonants = ["b", "c", "d", "f", "g", "l", "m", "n", "p", "r", "s", "t", "v", "z", "ch", "ll"];
    consonants.get((number as usize).wrapping_sub(1)).map(|c| format!("{c}atica")).unwrap_or_default()
}
