"""Fills a GNU Health HIS node with invented patients, evaluations and appointments, for `./dev bench load`.

Run with the Python that has gnuhealth and trytond: `gnuhealth.py CONFIGURATION DATABASE PATIENTS EVALUATIONS USERS PASSWORD`,
on a database that `trytond-admin` made with the modules `health` and what it needs. Everything goes through the models of
GNU Health itself, so that what it computes and checks is there; the same arguments write the same words.
"""

import random
import sys
from datetime import date, datetime, timedelta

from trytond.config import config

CONFIGURATION, DATABASE, PATIENTS, EVALUATIONS, USERS, PASSWORD = sys.argv[1:7]
config.update_etc(CONFIGURATION)

from trytond.pool import Pool  # noqa: E402, the configuration must be read first
from trytond.transaction import Transaction  # noqa: E402

BATCH = 500
CODES = 2_000
APPOINTMENTS_OF_A_DAY = 8
GIVEN = "María José Guadalupe Juan Ana Miguel Teresa Iñaki Rosa Carlos Lucía Ernesto Ximena Raúl Elena Hugo".split()
SURNAMES = "Ahuehuete Encino Ceiba Roble Oyamel Mezquite Nogal Pirul Fresno Sabino Copal Zapote".split()
WORDS = (
    "refiere dolor desde hace cuatro días sin fiebre mejora con el reposo niega otros síntomas toma los medicamentos"
    " indicados abdomen blando resto sin alteraciones control en dos semanas medidas generales signos de alarma"
).split()

dice = random.Random(7)


def sentence(words):
    return " ".join(dice.choice(WORDS) for _ in range(words)).capitalize() + "."


def batches(count):
    for begin in range(0, count, BATCH):
        yield range(begin, min(begin + BATCH, count))


def person(number, **more):
    return {
        "name": dice.choice(GIVEN),
        "lastname": f"{dice.choice(SURNAMES)} {dice.choice(SURNAMES)}",
        "is_person": True,
        "gender": dice.choice(["f", "m"]),
        "dob": date(1935 + dice.randrange(85), 1 + dice.randrange(12), 1 + dice.randrange(28)),
        "ref": f"INV{number:06d}",
        "federation_account": f"MEXINV{number:06d}",
        "fed_country": "MEX",
        "code": f"inventada-{number:06d}",
        "create_target": False,
        "addresses": [],
        **more,
    }


def practice(pool):
    """The institution, and its accounts, each with its professional."""
    Party, Company = pool.get("party.party"), pool.get("company.company")
    [party] = Party.create([{"name": "Clínica Ahuehuete", "is_institution": True, "code": "clinica", "ref": "CLINICA", "addresses": []}])
    Currency = pool.get("currency.currency")
    [currency] = Currency.create([{"name": "Peso", "code": "MXN", "symbol": "$", "numeric_code": "484"}])
    [company] = Company.create([{"party": party.id, "currency": currency.id, "timezone": "America/Mexico_City"}])
    Institution = pool.get("gnuhealth.institution")
    Institution.create([{"party": party.id, "code": "CLINICA", "institution_type": "doctor_office", "public_level": "private"}])
    groups = [group.id for group in pool.get("res.group").search([])]
    User, Professional = pool.get("res.user"), pool.get("gnuhealth.healthprofessional")
    professionals = []
    for number in range(int(USERS)):
        [user] = User.create([{
            "name": f"Persona {number}",
            "login": f"persona{number}",
            "password": PASSWORD,
            "companies": [("add", [company.id])],
            "company": company.id,
            "groups": [("add", groups)],
        }])
        [own] = Party.create([person(900_000 + number, is_healthprof=True, internal_user=user.id)])
        [professional] = Professional.create([{"party": own.id, "code": f"{2_000_000 + number}"}])
        professionals.append(professional.id)
    return company.id, professionals


def codes(pool):
    Pathology = pool.get("gnuhealth.pathology")
    made = Pathology.create([
        {"name": f"{sentence(3)[:-1]} {number}", "code": f"Z{number:04d}"} for number in range(CODES)
    ])
    return [one.id for one in made]


def patients(pool):
    Party, Patient = pool.get("party.party"), pool.get("gnuhealth.patient")
    every = []
    for batch in batches(int(PATIENTS)):
        # One by one: `create` of GNU Health 5.0.6 makes the whole list once for each of it.
        parties = [Party.create([person(number, is_patient=True)])[0] for number in batch]
        every += [one.id for one in Patient.create([{"party": party.id} for party in parties])]
        Transaction().commit()
    return every


def evaluations(pool, every, professionals, pathologies):
    Evaluation = pool.get("gnuhealth.patient.evaluation")
    count = int(EVALUATIONS)
    now = datetime.now().replace(microsecond=0)
    for batch in batches(count):
        rows = []
        for number in batch:
            begun = now - timedelta(hours=24 * 730 * (count - number) / count)
            rows.append({
                "patient": dice.choice(every),
                "healthprof": dice.choice(professionals),
                "evaluation_start": begun.replace(microsecond=0),
                "evaluation_endtime": begun.replace(microsecond=0) + timedelta(minutes=20),
                "state": "signed" if number % 2 else "done",
                "chief_complaint": sentence(6),
                "present_illness": sentence(40),
                "evaluation_summary": sentence(30),
                "directions": sentence(30),
                "systolic": 118,
                "diastolic": 76,
                "bpm": 72,
                "respiratory_rate": 16,
                "temperature": 36.5,
                "weight": 68.4,
                "diagnosis": dice.choice(pathologies),
                "discharge_reason": "home",
            })
        Evaluation.create(rows)
        Transaction().commit()


def appointments(pool, every, professionals):
    Appointment = pool.get("gnuhealth.appointment")
    today = datetime.now().replace(minute=0, second=0, microsecond=0)
    for professional in professionals:
        Appointment.create([
            {
                "patient": dice.choice(every),
                "healthprof": professional,
                "appointment_date": today + timedelta(minutes=20 * number),
                "state": "confirmed",
            }
            for number in range(APPOINTMENTS_OF_A_DAY)
        ])


def main():
    Pool.start()
    pool = Pool(DATABASE)
    pool.init()
    with Transaction().start(DATABASE, 1) as transaction:
        company, professionals = practice(pool)
        transaction.commit()
    with Transaction().start(DATABASE, 1, context={"company": company, "company.rec_name": "Clínica"}) as transaction:
        pathologies = codes(pool)
        every = patients(pool)
        evaluations(pool, every, professionals, pathologies)
        appointments(pool, every, professionals)
        transaction.commit()


main()
