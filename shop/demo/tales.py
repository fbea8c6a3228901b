"""What villages and households of the region tell of themselves; all of it invented."""

from __future__ import annotations

from datetime import timedelta
from typing import NamedTuple

from sqlalchemy import select

from products.households import commands as households
from products.households.models import Village
from products.households.states import ConsentPurpose
from products.stories import commands as stories
from products.stories.states import Drawing
from shop.core import clock
from shop.demo.region import Home, Region
from shop.demo.story import Story


class VillageTale(NamedTuple):
    """A village's story, Chinese and English."""

    cooperative: str
    village: str
    title: tuple[str, str]
    words: tuple[str, str]
    grows: tuple[str, str]


class HouseholdTale(NamedTuple):
    """What a household says: its cooperative and its place among that one's households."""

    cooperative: str
    place: int
    words: tuple[str, str]
    drawing: Drawing


VILLAGES = (
    VillageTale(
        "SCTH",
        "南屏村",
        ("雾里采茶的村子", "Where the tea is picked in the mist"),
        (
            "村子贴着山腰，三面是茶坡。春天早上的雾到九点才散，采茶的人就在雾里走，听得见说话，看不见人。\n"
            "一芽一叶，提着采，不掐。篮子装到八分就送下来，当天傍晚过秤，当晚下锅。老师傅说，隔夜的叶子炒不出那股清气。",
            "The village leans on the hillside with tea slopes on three sides. On spring mornings "
            "the "
            "mist stays until nine, and the pickers are heard before they are seen.\n"
            "One bud with one leaf, lifted off and never pinched. Baskets come down before they "
            "are "
            "full; leaf is weighed at dusk and fired the same night.",
        ),
        ("茶、水稻、黄豆", "Tea, rice, soybeans"),
    ),
    VillageTale(
        "SCTH",
        "云岭村",
        ("最高的那片茶坡", "The highest slope"),
        (
            "云岭的地最高，开采总要比山下晚七八天。晚有晚的好处：天凉，芽长得慢，叶子厚实。\n"
            "坡陡，用不上机器，锄草、施肥、采茶都靠手。冬天往茶行里铺稻草，开春翻下去就是肥。",
            "The highest fields of the valley begin a week later than those below. Cool nights "
            "make "
            "the buds slow and the leaf thick.\n"
            "The slopes are too steep for machines. In winter straw is laid between the rows and "
            "turned under in spring.",
        ),
        ("茶、高山蔬菜", "Tea, highland vegetables"),
    ),
    VillageTale(
        "GDLL",
        "玲珑坡村",
        ("绕着坡长的茶", "Tea that follows the hill"),
        (
            "玲珑坡的茶行不是直的，一圈一圈绕着坡走，远看像等高线。这样走水慢，土不跑。\n"
            "采春茶那二十来天，全村都在坡上。先摘向阳的，再摘背阴的，最后摘溪边的。",
            "The rows of Linglongpo are not straight; they go round the hill like lines on a map, "
            "so "
            "that rain runs off slowly and the soil stays.\n"
            "For some twenty days in spring the whole village is out: first the sunny side, then "
            "the "
            "shaded one, last the rows by the brook.",
        ),
        ("茶、生姜", "Tea, ginger"),
    ),
    VillageTale(
        "JGHM",
        "上垄村",
        ("一垄一垄的红米", "Red rice, terrace by terrace"),
        (
            "上垄的田一块比一块小，最小的只够站一头牛。种的是老品种红米，秆子高，产量不高，可是香。\n"
            "水从竹林里来，一丘灌满了再流到下一丘。割完稻子，正好上山挖冬笋。",
            "The terraces get smaller as they climb; the smallest holds one buffalo. The old red "
            "rice "
            "stands tall, yields little and smells of nuts.\n"
            "Water comes out of the bamboo and fills one field after the other. When the rice is "
            "in, "
            "it is time for winter shoots.",
        ),
        ("红米稻、毛竹", "Red rice, bamboo"),
    ),
    VillageTale(
        "AYQC",
        "半坡村",
        ("留一袋到立冬", "One more week on the tree"),
        (
            "半坡的橙子不抢早。村里约好了，糖度不到不下树，宁可晚卖几天。\n"
            "坡上十一月昼夜差十几度，果子就在这时候转甜。剪果要剪两刀，第二刀把果蒂修平，装箱才不会碰伤旁边的。",
            "Banpo does not hurry its oranges. The growers agreed that nothing comes off the tree "
            "before it is sweet enough.\n"
            "In November days and nights differ by more than ten degrees, and that is when the "
            "fruit "
            "turns. Each is cut twice: the second cut trims the stem so that it bruises no other.",
        ),
        ("脐橙、蜂蜜", "Navel oranges, honey"),
    ),
    VillageTale(
        "SCBL",
        "荷塘村",
        ("天亮以前下塘", "In the pond before dawn"),
        (
            "六月到九月，荷塘人天不亮就下塘。莲蓬要趁凉采，上午剥壳、去皮、捅芯，下午上匾晒。\n"
            "白莲一颗一颗过手，手上的功夫快的一天能通二十斤。种过莲的田第二年改种稻子，轮着来，地才有劲。",
            "From June to September the pond people are in the water before light. Pods are cut "
            "while "
            "it is cool, shelled and cored in the morning, and dried on trays in the afternoon.\n"
            "Every seed goes through somebody's hands. After a year of lotus the field rests under "
            "rice.",
        ),
        ("白莲、水稻", "White lotus, rice"),
    ),
)

HOUSEHOLDS = (
    HouseholdTale(
        "SCTH",
        0,
        (
            "我采茶四十年了，闭着眼睛也知道哪一芽该提。孙女问我怎么看，我说你先听，露水滴完了再下手。",
            "Forty years I have picked tea; I know a ready bud with my eyes shut. My granddaughter "
            "asks how to tell. Listen first, I say: start when the dew has stopped dripping.",
        ),
        Drawing.TEA,
    ),
    HouseholdTale(
        "SCTH",
        20,
        (
            "坡上那二十行是我父亲种的，我补过三次苗。茶树比人有耐心，你对它好，它第三年才告诉你。",
            "My father planted the twenty rows up there, and three times I have filled the gaps. "
            "Tea "
            "is patient: treat it well, and it tells you in the third year.",
        ),
        Drawing.TEA,
    ),
    HouseholdTale(
        "AYQC",
        1,
        (
            "修枝是冬天的活。别人看着是砍，其实是给光让路，哪一枝挡了光，明年它下面就没有甜果。",
            "Pruning is winter work. It looks like cutting; it is making way for light. Under a "
            "branch "
            "that stands in the light there will be no sweet fruit next year.",
        ),
        Drawing.ORANGE,
    ),
    HouseholdTale(
        "SCBL",
        0,
        (
            "通莲芯的针是我自己磨的，用了十几年。一颗一下，多一下就破了相。",
            "The needle I core the seeds with I ground myself, years ago. One push for each seed; "
            "a "
            "second one spoils it.",
        ),
        Drawing.LOTUS,
    ),
)


def plan(story: Story, region: Region) -> None:
    """Put stories, and the consents they rest on, into the plot."""
    for place, village in enumerate(VILLAGES):
        moment = clock.at(story.first + timedelta(days=40 + 3 * place), 10)
        story.at(moment, _tell_village, story, region, village)
    for place, tale in enumerate(HOUSEHOLDS):
        home = region.homes[tale.cooperative][tale.place]
        moment = clock.at(story.first + timedelta(days=60 + 2 * place), 16)
        story.at(moment, _tell_household, story, region, home, tale)


def _tell_village(story: Story, region: Region, tale: VillageTale) -> None:
    village = story.tx.execute(
        select(Village.public_id).where(Village.name == tale.village)
    ).scalar_one()
    story.do(
        stories.tell_village,
        region.managers[tale.cooperative],
        village_id=village,
        title=tale.title[0],
        title_en=tale.title[1],
        words=tale.words[0],
        words_en=tale.words[1],
        grows=tale.grows[0],
        grows_en=tale.grows[1],
    )


def _tell_household(story: Story, region: Region, home: Home, tale: HouseholdTale) -> None:
    manager = region.managers[tale.cooperative]
    on = clock.day_of(story.now)
    for purpose in (ConsentPurpose.STORY, ConsentPurpose.PICTURE)[: 1 + home.plan.mu % 2]:
        story.do(households.give_consent, manager, household_id=home.id, on=on, purpose=purpose)
    story.do(
        stories.tell_household,
        manager,
        household_id=home.id,
        words=tale.words[0],
        words_en=tale.words[1],
        drawing=tale.drawing,
    )
