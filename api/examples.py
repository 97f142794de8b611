"""What answers and requests look like, for the description of the API: shown there, and held against the schemas."""

from typing import Any

from api import city_descriptions, journal_descriptions, point_descriptions, request_descriptions

REFUSAL_EXAMPLE = {
    "outcome": "denied",
    "reason": "medium_lost",
    "colour": "red",
    "text": {"fr": "Support bloqué", "en": "Medium blocked"},
    "nextStep": {
        "fr": "Ce support a été déclaré perdu ou volé. S’il est à vous, demandez-en un nouveau au guichet.",
        "en": "This medium was reported lost or stolen. If it is yours, ask a desk for a new one.",
    },
    "direction": "entry",
    "decidedAt": "2026-11-21T14:05:00Z",
}
_EXPLANATION_EXAMPLE = {
    "medium": "a6cfdefece48fb50",
    "site": "piscine-est",
    "gate": "piscine-est-1",
    "zone": "bassin",
    "service": "pool",
    "rules": [
        {
            "rule": "site_open",
            "asks": {"fr": "Le site est-il ouvert à cette heure ?", "en": "Is the site open at this hour?"},
            "finding": "objects",
            "reason": "site_closed",
            "facts": [
                {
                    "fact": "moment",
                    "label": {"fr": "Heure sur place", "en": "Local time"},
                    "value": {"fr": "15:05", "en": "15:05"},
                },
                {
                    "fact": "hours",
                    "label": {"fr": "Horaires du jour", "en": "Hours of the day"},
                    "value": {"fr": "fermé toute la journée", "en": "shut all day"},
                },
            ],
        },
    ],
    "decisive": "site_open",
    "why": {
        "fr": "Une seule règle objecte : site_open (site_closed).",
        "en": "One rule objects: site_open (site_closed).",
    },
    "right": None,
    "spent": [],
    "answer": {
        "outcome": "denied",
        "reason": "site_closed",
        "colour": "red",
        "text": {"fr": "Site fermé", "en": "Site closed"},
        "nextStep": {
            "fr": "Le site est fermé à cette heure. Consultez ses horaires.",
            "en": "The site is closed at this hour. Please check its opening hours.",
        },
        "direction": "entry",
        "decidedAt": "2026-11-21T14:05:00Z",
        "overridable": True,
    },
    "temporary": None,
}

_SITE_EXAMPLE = {
    "code": "piscine-ourlea",
    "name": {"fr": "Centre aquatique Ourléa", "en": "Ourléa aquatic centre"},
    "service": "pool",
    "serviceName": {"fr": "Piscine", "en": "Pool"},
    "commune": "Clairourle",
    "open": True,
    "hoursToday": [{"opens": "10:00", "closes": "20:00"}],
    "closesAt": "2026-11-21T20:00:00+01:00",
    "opensAt": None,
    "closure": None,
    "level": "quiet",
    "inside": 63,
    "capacity": 420,
    "placesLeft": 357,
}
_SITES_EXAMPLE = {
    "authority": "val-clair",
    "name": {"fr": "Agglomération de Val-Clair", "en": "Val-Clair city region"},
    "asOf": "2026-11-21T14:05:00Z",
    "sites": [_SITE_EXAMPLE],
}
_SITE_DETAIL_EXAMPLE = {
    **_SITE_EXAMPLE,
    "asOf": "2026-11-21T14:05:00Z",
    "usualToday": [{"hour": 14, "share": 71}, {"hour": 15, "share": 88}, {"hour": 16, "share": 100}],
}
_OFFERS_EXAMPLE = {
    "gate": "piscine-est-1",
    "service": "pool",
    "decidedAt": "2026-11-21T14:05:00Z",
    "usable": [
        {
            "product": "piscine-carnet-10",
            "name": {"fr": "Carnet de 10 entrées", "en": "Carnet of 10 entries"},
            "validUntil": "2027-06-01",
            "remaining": [
                {"product": "piscine-carnet-10", "unit": "visit", "left": 1, "of": 10, "until": "2027-06-01"}
            ],
            "price": {"dueCents": 0, "billedCents": 0},
        }
    ],
    "offers": [
        {
            "product": "piscine-carnet-10",
            "name": {"fr": "Carnet de 10 entrées", "en": "Carnet of 10 entries"},
            "priceCents": 1620,
            "tariff": {"fr": "habitant, étudiant", "en": "resident, student"},
            "priceUntil": "2027-09-01",
            "validFrom": "2026-11-21",
            "validUntil": "2027-11-21",
            "subject": "person",
        }
    ],
    "unusable": [],
    "unavailable": [
        {
            "product": "piscine-ete",
            "name": {"fr": "Pass d’été", "en": "Summer pass"},
            "reason": "age_not_included",
            "text": {"fr": "Âge non compris", "en": "Age not included"},
            "nextStep": {"fr": "Demandez le tarif de votre âge.", "en": "Ask for the price of your age."},
        }
    ],
    "messages": [{"reason": "last_visit", "text": {"fr": "Dernière entrée", "en": "Last entry"}}],
}
_REFUSED_OFFERS_EXAMPLE = {
    "gate": "piscine-est-1",
    "service": "pool",
    "decidedAt": "2026-11-21T14:05:00Z",
    "usable": [],
    "offers": [],
    "unusable": [],
    "unavailable": [],
    "messages": [],
    "refused": {key: REFUSAL_EXAMPLE[key] for key in ("reason", "text", "nextStep")},
}
_ANSWERED_OFFERS = {
    "student": {"summary": "A student whose carnet is nearly empty", "value": _OFFERS_EXAMPLE},
    "refused": {"summary": "A lost card", "value": _REFUSED_OFFERS_EXAMPLE},
}
ANSWER_EXAMPLES = {
    "/v1/passes/{number}/explanation": {
        "closed": {"summary": "On a day when the pool is shut (other rules left out)", "value": _EXPLANATION_EXAMPLE}
    },
    "/v1/public/{authority}/sites": {"open": {"summary": "A pool on a Saturday afternoon", "value": _SITES_EXAMPLE}},
    "/v1/public/{authority}/sites/{code}": {
        "open": {"summary": "A pool on a Saturday afternoon (some hours left out)", "value": _SITE_DETAIL_EXAMPLE}
    },
    "/v1/access/offers": _ANSWERED_OFFERS,
    "/v1/passes/{number}/offers": _ANSWERED_OFFERS,
}
RECEIPT_EXAMPLE = {
    "id": "01a20100-0a22-7657-95f2-ddc566a44c84",
    "registeredAt": "2026-11-21T14:06:00Z",
    "payBefore": "2026-11-21T14:36:00Z",
    "totalCents": 1620,
    "items": [
        {
            "id": "01a20100-0a23-7e01-8c1b-3a5f5f3c2d10",
            "product": "piscine-carnet-10",
            "name": {"fr": "Carnet de 10 entrées", "en": "Carnet of 10 entries"},
            "priceCents": 1620,
            "subject": "person",
            "validFrom": "2026-11-21",
            "validUntil": "2027-11-21",
        }
    ],
}


REQUEST_EXAMPLES: dict[str, dict[str, Any]] = {
    **city_descriptions.REQUEST_EXAMPLES,
    **request_descriptions.REQUEST_EXAMPLES,
    **point_descriptions.EXAMPLES,
    "/v1/agents/tokens": {"login": "guichet@val-clair.example", "password": "correct horse battery staple"},
    "/v1/passes": {"holderReference": "R-000123", "kind": "print", "validFrom": "2026-12-01"},
    "/v1/passes/{number}/media/{medium}/block": {"reason": "lost"},
    "/v1/passes/{number}/suspension": {"reason": "in_doubt"},
    "/v1/sites/{site}/heads/{zone}/counts": {
        "seen": "37.0.1795528800000000.1042.0",
        "users": 31,
        "motive": "left_unseen",
    },
    "/v1/passes/{number}/media/{medium}/replacement": {"reason": "theft_reported"},
    "/v1/made-cards/bindings": {"card": "8080 1234 5670", "passNumber": "2336175969"},
    "/v1/made-cards/unbindings": {"card": "8080 1234 5670", "reason": "wrong_person"},
    "/v1/made-cards/discards": {"card": "8080 1234 5670", "reason": "damaged"},
    "/v1/card-batches": {"code": "2026-spring", "blank": 500},
    "/v1/card-batches/{batch}/deliveries": {"desk": "town-hall", "last": 200},
    "/v1/passes/{number}/cards": {"uid": "04de5f1eacc040", "technology": "ntag424", "keyVersion": 1},
    "/v1/passes/{number}/phones": {
        "proof": "hEOhASigWFODGmtJ0gBqMjMzNjE3NTk2OVhAJu_OvQ7p40pmkYfhizqRIrL3M5RbZJzJ-fkh6fna2BKQI4venMe7Mw0VDGdwTdJa"
        "5wVSBXRLbzG_QHB0WHLQ5lhAfIWlLkc4k5FLt77mgmpPL5q87Fwkey4WE5M0upro-XCnmisDPdH4NHfpY7jhMvyZJfUKkboyKSejSsgClFUQcg"
    },
    "/v1/passes/{number}/external-media": {
        "statement": "EXT:hEmiASgERGdzR7mgWGqnBhprSdIAB1AAAQIDBAUGBwgJCgsMDQ4POgABEZdjYW1jOgABEZhYIFhVORkqtnXO4uE0oSaf"
        "9WUc0vvoSPCT3Viyqp-YI6AaOgABEZlnbGVpc3VyZToAARGaSH0_Wpwh6EsGOgABEZv1WEBPvjDMpSdZD0gznyU5Oen9wTcmjOsTNpXQBfid1Zjb"
        "2Rwgu2qq03kg2HV_E0S6BaKbOwpgwwtt1QQBRlbtyDTo"
    },
    "/v1/gateways": {
        "name": "Métro, valideurs",
        "publicKey": {
            "kty": "EC",
            "crv": "P-256",
            "x": "7u_X3JDnBCSDPQQuzW_LnsxZbl6ILT4GxEz445AkwXo",
            "y": "lUeSnii80vyi2i1gx408Em0aD0tPSoXvDhw-mupLH-Y",
        },
    },
    "/v1/sites/{site}/entries": {
        "key": "ines-0007",
        "gate": "piscine-est-1",
        "passNumber": "2336175969",
        "motive": "good_faith",
    },
    "/v1/sites/{site}/deposits": {
        "key": "ines-0009",
        "gate": "decheterie-nord-1",
        "passNumber": "2336175969",
        "motive": "derogation_pending",
        "items": [{"kind": "rubble", "unit": "m3", "amount": 0.5}],
    },
    "/v1/passages/{passage}/cancellation": {"key": "ines-0008", "motive": "wrong_quantity"},
    "/v1/households": {"reference": "F-17", "commune": "59350"},
    "/v1/households/{household}/members": {"holder": "R-000123", "validFrom": "2026-12-01"},
    "/v1/households/{household}/members/{holder}/departure": {"on": "2026-12-01"},
    "/v1/households/{household}/split": {
        "leavers": ["R-000124", "R-000125"],
        "reference": "F-18",
        "commune": "59512",
        "on": "2026-12-01",
    },
    "/v1/organisations": {
        "reference": "PRO-12",
        "name": "Menuiserie Roux",
        "kind": "professional",
        "registration": "732 829 320 00074",
        "commune": "59350",
    },
    "/v1/organisations/{organisation}/members": {"holder": "R-000123", "validUntil": "2027-09-01"},
    "/v1/organisations/{organisation}/members/{holder}/departure": {"on": "2026-12-01"},
    "/v1/subjects/{kind}/{reference}/circumstances": {
        "kind": "status",
        "value": "student",
        "validFrom": "2026-09-01",
        "validUntil": "2027-09-01",
    },
    "/v1/subjects/{kind}/{reference}/circumstances/end": {"kind": "status", "value": "student", "on": "2026-12-01"},
    "/v1/subjects/{kind}/{reference}/suspensions": {"service": "library", "validUntil": "2026-12-24"},
    "/v1/subjects/{kind}/{reference}/suspensions/end": {"service": "library"},
    "/v1/holders/{holder}/guardians": {"guardian": "R-000101", "kind": "parent"},
    "/v1/holders/{holder}/guardians/{guardian}/end": {"on": "2026-12-01"},
    "/v1/passes/{number}/rights": {
        "key": "guichet2-000311",
        "product": "piscine-carnet-10",
        "validFrom": "2026-12-01",
    },
    "/v1/terminals/card-authentications": {
        "uid": "04de5f1eacc040",
        "said": "a04c124213c186f22399d33ac2a3021591af",
        "protocol": "ev2",
    },
    "/v1/terminals/card-authentications/{handle}": {
        "uid": "04de5f1eacc040",
        "said": "3fa64db5446d1f34cd6ea311167f5e4985b89690c04a05f17fa7ab2f081206639100",
    },
    "/v1/terminals/pairings": {
        "code": "K7QF-2M9X",
        "publicKey": {
            "kty": "EC",
            "crv": "P-256",
            "x": "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
            "y": "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM",
        },
    },
    "/v1/access/sales": {
        "key": "caisse2-000917",
        "gate": "piscine-est-1",
        "credential": "MP2:PWGSLKT257R82S826GC6BHRKFF3X…",
        "items": [{"product": "piscine-carnet-10", "priceCents": 1620}],
    },
    "/v1/access/sales/{sale_id}/payment": {"means": "card", "reference": "TPE3-20261121-0042"},
    "/v1/terminals/invitations": {
        "name": "Piscine Ourléa, entrée 1",
        "gates": ["piscine-ourlea-entree-1"],
        "profile": "gate",
    },
    "/v1/terminals/heartbeats": {
        "version": "1.4.0",
        "terminalTime": "2026-11-21T14:05:00+00:00",
        "backlog": 3,
        "bundle": 4711,
        "bundleAgeSeconds": 540,
        "gate": "piscine-ourlea-entree-1",
    },
    "/v1/terminals/key": {
        "publicKey": {
            "kty": "EC",
            "crv": "P-256",
            "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
            "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
        },
        "assertion": "eyJhbGciOiJFUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiIwMWEyMDEw….MEUCIQD…",
    },
    "/v1/terminals/tokens": {"assertion": "eyJhbGciOiJFUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiIwMWEyMDEw….MEUCIQD…"},
}

PARAMETERS = {
    **point_descriptions.PARAMETERS,
    "handle": ("What the first leg has answered.", "q83vASNFZ4mrze8BI0VniQ"),
    "Pass-Credential": ("What was read from the pass, as at the gate.", "MP2:PWGSLKT257R82S826GC6BHRKFF3X"),
    "sale_id": ("The sale's id, as its receipt has it.", "01a20100-0a22-7657-95f2-ddc566a44c84"),
    "state": ("In which state; those that wait to be settled, unless given.", "registered"),
    "batch": ("The code of a batch of cards.", "2026-spring"),
    "Card": (
        "A card as it was typed or read: the number printed on it, a tap's URL, or `UID:` and hex digits.",
        "8080 1234 5670",
    ),
    "household": ("The reference of a household of your authority.", "F-17"),
    "organisation": ("The reference of an organisation of your authority.", "PRO-12"),
    "holder": ("The reference of a person of your authority.", "R-000123"),
    "guardian": ("The reference of the person who acts for them.", "R-000101"),
    "kind": ("A person, a household or an organisation.", "household"),
    "reference": ("Their reference.", "F-17"),
    "right_id": (
        "The right's id, as its grant or the list of rights gives it.",
        "01a20100-0a23-7e01-8c1b-3a5f5f3c2d10",
    ),
    "before": ("The `passage` of the last line you have; the newest ones, unless given.", "1042"),
    "number": ("The ten digits printed on the pass.", "2336175969"),
    "passage": ("The number of a passage, as the export and the list of a pass's passages give it.", "1042"),
    "day": ("Which local day of the site; today, unless given.", "2026-11-21"),
    "medium": ("The sixteen hexadecimal digits that name a medium of the pass.", "a6cfdefece48fb50"),
    "Last-Event-ID": ("The id of the last event heard, when a stream broke.", "42"),
    "gateway_id": ("The gateway's id, as its registration answered it.", "01a20100-0a22-7657-95f2-ddc566a44c85"),
    "terminal_id": ("The terminal's id, as its pairing answered it.", "01a20100-0a22-7657-95f2-ddc566a44c84"),
    "site": ("The code of a site of your authority.", "piscine-est"),
    "zone": ("The code of a zone of the site.", "bassins"),
    "authority": ("The code of an authority of this installation.", "val-clair"),
    "code": ("The code of a site of this authority.", "piscine-ourlea"),
    "at": ("At which instant (RFC 3339, with its offset); now, unless given.", "2026-11-21T14:05:00Z"),
    "direction": ("Coming in, or going out.", "entry"),
    "gate": ("The code of a gate; where one is not needed, the site's first by code, unless given.", "piscine-est-1"),
    "after": ("The cursor of the last line you kept; `0` begins with the oldest.", "0"),
    "list_number": ("The first of the two numbers in a credential's claim -70001.", 0),
    "service": ("The code of a service.", "pool"),
    "since": ("The version of the list, or the sequence of the bundle, that you have: claim -70010.", 41),
    "sector": ("Only the lines of this sector's services; all, unless given.", "leisure"),
    "purpose": ("What the keys sign: printed codes, phones' credentials, or status lists.", "print"),
    "first": ("The first local day that is looked at; thirty days before `until`, unless given.", "2026-10-22"),
    "until": ("The first local day after them; tomorrow, unless given.", "2026-11-22"),
    "reason": ("Only those that would have been refused for this reason.", "quota_spent"),
    "flag": ("Only those that bear this flag.", "over_quota"),
    "line": ("The number of a line in quarantine.", "7"),
    "sentAt": ("The terminal's own time as it sends (RFC 3339, in UTC).", "2026-11-21T14:05:00Z"),
    "limit": ("At most so many lines.", 100_000),
    **city_descriptions.PARAMETERS,
    **request_descriptions.PARAMETERS,
    **journal_descriptions.PARAMETERS,
}
