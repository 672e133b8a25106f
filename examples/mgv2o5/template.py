"""Untrained moment tensor potentials of any low level, written from the definition of the level.

A basis function is a multigraph: nodes are moments M[mu, nu], edges their contracted indices (nu of a
node = its degree), disconnected parts are multiplied. Level = sum over nodes of 2 + 4 mu + nu; a basis
function has at most four nodes, as in the templates that MLIP users have (16 at level 10, 29 at level 12).
"""

from itertools import combinations_with_replacement, permutations, product
from math import factorial

MAX_NODES = 4


def exponents(rank):
    """Return the (a, b, c) with a + b + c = rank."""
    return [(a, b, rank - a - b) for a in range(rank, -1, -1) for b in range(rank - a, -1, -1)]


def multinomial(abc):
    """Return how many index tuples of a symmetric tensor share the exponents (a, b, c)."""
    return factorial(sum(abc)) // (factorial(abc[0]) * factorial(abc[1]) * factorial(abc[2]))


def connected_graphs(level):
    """Return the distinct connected graphs up to a level as (level, mus, edges).

    `edges` maps node pairs k < l to multiplicities. Nodes are ordered so that every prefix is connected.
    """
    found = {}
    half = level // 2
    for count in range(1, min(half, MAX_NODES) + 1):
        pairs = [(k, l) for l in range(count) for k in range(l)]
        spare = half - count
        if spare < count - 1:
            continue
        for multiplicities in product(range(spare + 1), repeat=len(pairs)):
            total = sum(multiplicities)
            edges = dict(zip(pairs, multiplicities))
            grows = all(any(edges[k, l] for k in range(l)) for l in range(1, count))
            if total > spare or not grows:
                continue
            for mus in product(range((spare - total) // 2 + 1), repeat=count):
                if total + 2 * sum(mus) <= spare:
                    key = min(relabeled(mus, edges, order) for order in permutations(range(count)))
                    weight = 2 * (count + total + 2 * sum(mus))
                    found.setdefault((weight, count, key), (weight, mus, edges))
    return [found[key] for key in sorted(found)]


def relabeled(mus, edges, order):
    """Return a graph's mus and edge multiplicities with its nodes in another order."""
    multiplicities = tuple(
        edges[min(order[k], order[l]), max(order[k], order[l])] for l in range(len(order)) for k in range(l)
    )
    return tuple(mus[node] for node in order), multiplicities


class Moments:
    """Collects basic moments and products; a product is a dict {(left key, right key): coefficient}."""

    def __init__(self):
        self.basic = set()
        self.products = {}

    def component(self, mus, edges, free):
        """Return the key of a contracted graph whose node k keeps free indices with exponents free[k]."""
        if len(mus) == 1:
            key = (mus[0], *free[0])
            self.basic.add(key)
            return key
        key = (mus, tuple(sorted(edges.items())), free)
        if key in self.products:
            return key
        last = len(mus) - 1
        inner = {pair: n for pair, n in edges.items() if last not in pair}
        terms = {}
        for shared in product(*(exponents(edges[k, last]) for k in range(last))):
            left = tuple(tuple(map(sum, zip(free[k], shared[k]))) for k in range(last))
            right = tuple(map(sum, zip(free[last], *shared)))
            operands = (self.component(mus[:last], inner, left), self.component(mus[last:], {}, (right,)))
            coefficient = 1
            for abc in shared:
                coefficient *= multinomial(abc)
            terms[operands] = terms.get(operands, 0) + coefficient
        self.products[key] = terms
        return key

    def multiply(self, factors):
        """Return the key of a product of scalars."""
        if len(factors) == 1:
            return factors[0]
        key = ("product", factors)
        self.products[key] = {(self.multiply(factors[:-1]), factors[-1]): 1}
        return key


def contractions(level):
    """Return (basic moments, products (l, r, k, t), indices of the basis functions) of a level."""
    moments = Moments()
    zero = (0, 0, 0)
    scalars = [
        (weight, len(mus), moments.component(mus, edges, (zero,) * len(mus)))
        for weight, mus, edges in connected_graphs(level)
    ]
    basis = []
    for count in range(1, MAX_NODES + 1):
        for factors in combinations_with_replacement(scalars, count):
            weight = sum(factor[0] for factor in factors)
            nodes = sum(factor[1] for factor in factors)
            if weight <= level and nodes <= MAX_NODES:
                basis.append((weight, moments.multiply(tuple(factor[2] for factor in factors))))
    basis.sort(key=lambda entry: entry[0])
    basic = sorted(moments.basic, key=lambda key: (key[0], sum(key[1:]), [-n for n in key[1:]]))
    index = {key: number for number, key in enumerate([*basic, *moments.products])}
    times = [
        (index[left], index[right], coefficient, index[target])
        for target, terms in moments.products.items()
        for (left, right), coefficient in terms.items()
    ]
    return basic, times, [index[key] for _, key in basis]


def write_template(path, level, species_count, min_dist, max_dist, radial_basis_size=8):
    """Write an untrained `.mtp` file of a level (even, 2 to 16)."""
    basic, times, mapping = contractions(level)

    def rows(entries):
        return "{" + ", ".join("{" + ", ".join(map(str, entry)) + "}" for entry in entries) + "}"

    moments_count = len(basic) + len({entry[3] for entry in times})
    lines = [
        "MTP",
        "version = 1.1.0",
        f"potential_name = MTP-level-{level}",
        f"species_count = {species_count}",
        "potential_tag = ",
        "radial_basis_type = RBChebyshev",
        f"\tmin_dist = {min_dist:.15e}",
        f"\tmax_dist = {max_dist:.15e}",
        f"\tradial_basis_size = {radial_basis_size}",
        f"\tradial_funcs_count = {max(entry[0] for entry in basic) + 1}",
        f"alpha_moments_count = {moments_count}",
        f"alpha_index_basic_count = {len(basic)}",
        f"alpha_index_basic = {rows(basic)}",
        f"alpha_index_times_count = {len(times)}",
        f"alpha_index_times = {rows(times)}",
        f"alpha_scalar_moments = {len(mapping)}",
        "alpha_moment_mapping = {" + ", ".join(map(str, mapping)) + "}",
    ]
    with open(path, "w", encoding="utf-8") as out:
        out.write("\n".join(lines) + "\n")
