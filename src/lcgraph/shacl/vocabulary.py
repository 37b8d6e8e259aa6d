"""The terms of SHACL's namespace: which there are, and what the constraint components take."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Component:
    """A constraint component of SHACL (section 4).

    Attributes:
        key: the parameter that its values are counted by.
        parameters: all its parameters.
        required: those that must be there for it to apply.
        single: whether a shape has at most one constraint of it.
        lists: which parameters are lists.
        only_properties: whether it cannot stand in a node shape.
    """

    key: str
    parameters: tuple[str, ...]
    required: frozenset[str]
    single: bool = False
    lists: tuple[str, ...] = ()
    only_properties: bool = False


def _one(key: str, *, lists: bool = False, only_properties: bool = False) -> Component:
    return Component(
        key,
        (key,),
        frozenset([key]),
        single=True,
        lists=(key,) if lists else (),
        only_properties=only_properties,
    )


def _many(key: str, *, lists: bool = False, only_properties: bool = False) -> Component:
    return Component(
        key,
        (key,),
        frozenset([key]),
        lists=(key,) if lists else (),
        only_properties=only_properties,
    )


_QUALIFIED = ("qualifiedValueShape", "qualifiedValueShapesDisjoint")

COMPONENTS: dict[str, Component] = {
    "Class": _many("class"),
    "Datatype": _one("datatype"),
    "NodeKind": _one("nodeKind"),
    "MinCount": _one("minCount", only_properties=True),
    "MaxCount": _one("maxCount", only_properties=True),
    "MinExclusive": _one("minExclusive"),
    "MinInclusive": _one("minInclusive"),
    "MaxExclusive": _one("maxExclusive"),
    "MaxInclusive": _one("maxInclusive"),
    "MinLength": _one("minLength"),
    "MaxLength": _one("maxLength"),
    "Pattern": Component("pattern", ("pattern", "flags"), frozenset(["pattern"])),
    "LanguageIn": _one("languageIn", lists=True),
    "UniqueLang": _one("uniqueLang", only_properties=True),
    "Equals": _many("equals"),
    "Disjoint": _many("disjoint"),
    "LessThan": _many("lessThan", only_properties=True),
    "LessThanOrEquals": _many("lessThanOrEquals", only_properties=True),
    "Not": _many("not"),
    "And": _many("and", lists=True),
    "Or": _many("or", lists=True),
    "Xone": _many("xone", lists=True),
    "Node": _many("node"),
    "QualifiedMinCount": Component(
        "qualifiedMinCount",
        (*_QUALIFIED, "qualifiedMinCount"),
        frozenset(["qualifiedValueShape", "qualifiedMinCount"]),
        single=True,
        only_properties=True,
    ),
    "QualifiedMaxCount": Component(
        "qualifiedMaxCount",
        (*_QUALIFIED, "qualifiedMaxCount"),
        frozenset(["qualifiedValueShape", "qualifiedMaxCount"]),
        single=True,
        only_properties=True,
    ),
    "Closed": Component(
        "closed",
        ("closed", "ignoredProperties"),
        frozenset(["closed"]),
        single=True,
        lists=("ignoredProperties",),
    ),
    "HasValue": _many("hasValue"),
    "In": _one("in", lists=True),
}

_CORE = """
    Shape NodeShape PropertyShape ValidationReport ValidationResult AbstractResult Severity Info
    Violation Warning ConstraintComponent Parameterizable Parameter NodeKind BlankNode IRI Literal
    BlankNodeOrIRI BlankNodeOrLiteral IRIOrLiteral PropertyGroup PrefixDeclaration
    conforms result focusNode resultPath value sourceShape sourceConstraintComponent
    resultSeverity resultMessage detail sourceConstraint shapesGraphWellFormed
    targetClass targetNode targetObjectsOf targetSubjectsOf message severity deactivated
    property path inversePath alternativePath zeroOrMorePath oneOrMorePath zeroOrOnePath
    parameter optional labelTemplate name description group order defaultValue shapesGraph
    suggestedShapesGraph entailment prefixes declare prefix namespace
    sparql select ask construct update validator nodeValidator propertyValidator
    Validator SPARQLExecutable SPARQLSelectExecutable SPARQLAskExecutable
    SPARQLConstructExecutable SPARQLUpdateExecutable SPARQLConstraint SPARQLSelectValidator
    SPARQLAskValidator SPARQLConstraintComponent PropertyConstraintComponent
"""
#: Terms of SHACL Advanced Features, which pySHACL judges.
ADVANCED = frozenset(
    [
        "target",
        "targetType",
        "Target",
        "TargetType",
        "SPARQLTarget",
        "SPARQLTargetType",
        "rule",
        "Rule",
        "TripleRule",
        "SPARQLRule",
        "condition",
        "subject",
        "predicate",
        "object",
        "expression",
        "values",
        "filterShape",
        "nodes",
        "intersection",
        "union",
        "this",
        "Function",
        "SPARQLFunction",
        "returnType",
        "ExpressionConstraintComponent",
        "ExpressionConstraint",
        "NodeExpression",
    ]
)
#: Terms of SHACL-JS, which nothing here ever runs.
SCRIPTS = frozenset(
    [
        "js",
        "jsFunctionName",
        "jsLibrary",
        "jsLibraryURL",
        "JSExecutable",
        "JSConstraint",
        "JSLibrary",
        "JSFunction",
        "JSRule",
        "JSTarget",
        "JSTargetType",
        "JSValidator",
        "JSConstraintComponent",
    ]
)
#: Terms of the drafts of SHACL 1.2, which are refused by name.
DRAFTS = frozenset(
    [
        "reifierShape",
        "reificationRequired",
        "ReifierShapeConstraintComponent",
        "targetWhere",
        "shape",
        "singleLine",
        "SingleLineConstraintComponent",
        "memberShape",
        "minListLength",
        "maxListLength",
        "uniqueMembers",
        "rootClass",
        "subsetOf",
        "someValue",
        "closedByTypes",
        "uniqueValuesFor",
        "codeIdentifier",
        "agentInstruction",
        "conformanceDisallows",
        "MemberShapeConstraintComponent",
        "MinListLengthConstraintComponent",
        "MaxListLengthConstraintComponent",
        "UniqueMembersConstraintComponent",
        "RootClassConstraintComponent",
        "SubsetOfConstraintComponent",
        "SomeValueConstraintComponent",
        "NodeByExpressionConstraintComponent",
        "nodeByExpression",
        "sparqlExpr",
        "SPARQLExprExpression",
        "keyParameter",
        "ShapeClass",
        "TripleTerm",
        "Graph",
        "DataGraph",
        "ShapesGraph",
        "RulesGraph",
        "ProcessorConfiguration",
        "conformsToShapesGraph",
        "usedShapesGraph",
        "usedDataGraph",
        "usedConfiguration",
        "incomplete",
        "incompleteURIStart",
        "resultAnnotation",
        "ResultAnnotation",
        "annotationProperty",
        "annotationValue",
        "annotationVarName",
        "formalized",
        "intent",
        "unit",
        "RulesEntailment",
        "expectedPredicate",
        "layer",
        "runOnce",
        "RuleSet",
        "includesRuleSet",
        "hasRule",
        "ruleProcessor",
        "sourceRule",
        "tempTriple",
        "SPARQLRuleTemplate",
        "Debug",
        "Trace",
    ]
)
#: Every term that may stand in a shapes graph.
TERMS = (
    frozenset(_CORE.split())
    | {parameter for c in COMPONENTS.values() for parameter in c.parameters}
    | {f"{name}ConstraintComponent" for name in COMPONENTS}
    | ADVANCED
    | SCRIPTS
    | DRAFTS
)
