"""Each adjustment in words that a client understands, in English and Spanish.

Own words, after X12's list 139 (CARC); the group says who bears the amount: the client (PR), nobody (CO, PI), or
another plan (OA). A reason that has no words of its own is told by its group.
"""

from shared.events.types import Language

_OF_REASON: dict[str, tuple[str, str]] = {
    "1": ("Your deductible: you pay this part before the plan pays.", "Su deducible: usted paga esta parte primero."),
    "2": ("Your coinsurance: your share of the cost.", "Su coseguro: la parte del costo que le corresponde."),
    "3": ("Your copay: a fixed amount for each visit.", "Su copago: una cantidad fija por cada cita."),
    "16": ("The plan needs more information from us.", "El plan necesita más información de nosotros."),
    "18": ("The plan had this bill already.", "El plan ya tenía este reclamo."),
    "22": ("The plan says another plan pays first.", "El plan dice que otro plan paga primero."),
    "23": ("Another plan has taken care of this part.", "Otro plan ya se ocupó de esta parte."),
    "24": ("Covered by a fixed fee that the plan pays.", "Cubierto por una tarifa fija que paga el plan."),
    "26": ("The visit was before this plan began.", "La cita fue antes de que empezara este plan."),
    "27": ("The visit was after this plan ended.", "La cita fue después de que terminó este plan."),
    "29": ("The bill came late. You do not pay for that.", "El reclamo llegó tarde. Usted no paga por eso."),
    "35": ("The plan's lifetime limit is used up.", "Se agotó el límite de por vida del plan."),
    "45": ("A discount agreed with the plan. Nobody bills you.", "Un descuento acordado. Nadie se lo cobra."),
    "50": ("The plan does not see this care as necessary.", "El plan no considera necesaria esta atención."),
    "59": ("Several services on one day are paid together.", "Varios servicios de un día se pagan juntos."),
    "96": ("The plan does not cover this.", "El plan no cubre esto."),
    "97": ("Paid together with another service.", "Se paga junto con otro servicio."),
    "100": ("The plan sent this payment to you.", "El plan le envió este pago a usted."),
    "109": ("This plan is not the one to pay.", "Este plan no es el que debe pagar."),
    "119": ("The plan's limit for this care is used up.", "Se agotó el límite del plan para esta atención."),
    "131": ("A discount agreed with the plan.", "Un descuento acordado con el plan."),
    "149": (
        "The plan's lifetime limit for this care is used up.",
        "Se agotó el límite de por vida para esta atención.",
    ),
    "197": ("The plan wanted to be asked first.", "El plan quería que se le preguntara antes."),
    "204": ("This service is not part of your plan.", "Este servicio no es parte de su plan."),
    "209": ("By law you are not billed for this part.", "Por ley no se le cobra esta parte."),
    "227": ("The plan waits for information from you.", "El plan espera información de usted."),
    "242": ("The provider is not in the plan's network.", "El proveedor no está en la red del plan."),
    "253": ("A cut that the law makes. Nobody bills you.", "Un recorte que hace la ley. Nadie se lo cobra."),
    "275": ("This plan does not pay what the first plan left.", "Este plan no paga lo que dejó el primer plan."),
    "276": ("Neither plan covers this.", "Ninguno de los planes cubre esto."),
    "303": ("You are not billed for this part.", "No se le cobra esta parte."),
}
_ALIKE = {"42": "45", "33": "27", "200": "27", "247": "1", "248": "2", "B13": "18"}
_OF_GROUP: dict[str, tuple[str, str]] = {
    "PR": ("A part that your plan leaves to you.", "Una parte que su plan le deja a usted."),
    "CO": ("A part that nobody bills you.", "Una parte que nadie le cobra."),
    "PI": ("A part that the plan takes off. Nobody bills you.", "Una parte que el plan descuenta. Nadie se la cobra."),
    "OA": ("A part that another plan takes care of.", "Una parte de la que se ocupa otro plan."),
    "CR": ("A correction by the plan.", "Una corrección del plan."),
}


def in_words(group: str, reason: str, language: Language) -> str:
    """The adjustment as a sentence for the client.

    A reason other than deductible, coinsurance or copay that the plan leaves to the client (PR) is told with its
    group, so that the reader knows who pays.
    """
    code = reason.upper().lstrip("0")
    both = _OF_REASON.get(_ALIKE.get(code, code)) or _OF_GROUP.get(group.upper()) or _OF_GROUP["OA"]
    place = 1 if language == "es" else 0
    if group.upper() == "PR" and code not in ("1", "2", "3", "100", "247", "248") and both is not _OF_GROUP["PR"]:
        return f"{both[place]} {_OF_GROUP['PR'][place]}"
    return both[place]
