"""Two neutral words for a case: for subjects and file names, where the repository must not stand."""

import random
from collections.abc import Collection


_FIRST = (
    "amber ashen azure beige birch brass bronze cedar chalk citrine cobalt copper coral cream crimson "
    "crystal dappled ebony emerald fern flint garnet ginger golden granite hazel heather indigo iron "
    "ivory jade jasper juniper khaki lapis larch laurel lilac linen maple marble mauve mint moss "
    "ochre olive onyx opal orchid pearl pebble pewter pine plum quartz ruby russet sable saffron sage "
    "sandy sapphire scarlet sepia silver slate spruce teal topaz umber velvet violet walnut willow"
)

_SECOND = (
    "avocet badger beaver bittern bunting chough crane curlew dipper dolphin dormouse dunlin eider "
    "falcon fieldfare finch gannet godwit goldcrest grebe guillemot hare harrier hedgehog heron hobby "
    "kestrel kittiwake knot lapwing linnet magpie marten merlin minnow newt nuthatch osprey otter "
    "ouzel petrel pintail pipit plover porpoise puffin redstart reed robin sandpiper shearwater "
    "shrike siskin skylark snipe sparrow stoat stonechat swallow swift tern thrush turnstone vole "
    "wagtail warbler waxwing wheatear whimbrel wigeon wren"
)


def choose_codename(rng: random.Random, taken: Collection[str]) -> str:
    """Give two words with a hyphen, such as `sapphire-otter`, that no other case has.

    Where all pairs are taken (there are more than 5,000), one is used again: the id still tells
    the cases apart.
    """
    first, second = _FIRST.split(), _SECOND.split()
    free = sorted({f"{a}-{b}" for a in first for b in second} - set(taken))
    return rng.choice(free or [f"{first[0]}-{second[0]}"])
