"""The roads anyone who knows Cumberland could draw: their junctions, classes, numbers and bends.

Positions are approximate and of our own making: eastings and northings on EPSG:27700 in units of 100 m.
"""

from dataclasses import dataclass

from tools.sample.places import Point, pairs, table_lines

# Junctions between places, and towns just over the edge so that roads do not stop dead at it.
_JUNCTIONS = """
Penrith 3512 5300; J41 3497 5330; J42 3428 5511; J43 3433 5560; J44 3397 5601; J45 3346 5664; Gretna 3321 5671
Haltwhistle 3705 5640; Alston 3718 5465; Canonbie 3394 5766; Ambleside 3376 5045; Broughton-in-Furness 3213 4876
Duddon Bridge 3197 4882; Newby West 3362 5531; Red Dial 3258 5460; Chapel Brow 3034 5285; Lillyhall 3018 5255
Castle Inn 3214 5328; Whicham 3136 4826; Muncaster 3098 4968; Cockley Beck 3246 5016; Moorhouse 3331 5567
Catlowdy 3458 5768; Kirkcambeck 3533 5691; Low Row 3592 5636; Brampton Old Church 3512 5607; Croglin 3573 5472
Armathwaite 3505 5461; Southwaite 3448 5451; Threlkeld 3322 5252; Mungrisdale 3363 5305; Portinscale 3252 5237
Embleton 3166 5297
Bigrigg 3002 5130; Waverbridge 3221 5489; Sandwith 2963 5147; Burnbanks Lane 3100 5250; Cardurnock 3172 5588
Corney 3112 4912; Scotch Street 3404 5564; Crosby Moor 3112 5402
"""

# class (M, A, B, C = classified unnumbered, U = unclassified), number, then stops joined by " > ".
# Names are places or junctions; bare pairs bend the road.
# "+" after the number: primary route; "++": trunk road.
_ROADS = """
M M6++: Penrith > J41 > 3463 5415 > J42 > J43 > 3428 5585 > J44 > 3368 5640 > J45 > Gretna
A A7+: Carlisle > Scotch Street > Stanwix > Kingstown > J44 > Westlinton > Longtown > 3384 5722 > Canonbie
A A6: Carlisle > 3409 5549 > Harraby > J42 > 3462 5470 > 3483 5400 > J41 > Penrith
A A69++: Scotch Street > Botcherby > J43 > Warwick Bridge > Brampton Old Church > Brampton > Low Row > 3655 5652
  > Haltwhistle
A A595+: Carlisle > Denton Holme > Morton > Newby West > Thursby > Red Dial > Mealsgate > Bothel > 3147 5338
  > Cockermouth
A A595++: Chapel Brow > Lillyhall > Distington > 2987 5207 > Bransty > Whitehaven > Hensingham > Bigrigg > Egremont
  > Thornhill > Calder Bridge
A A595: Calder Bridge > Gosforth > Holmrook > Muncaster > Waberthwaite > Corney > Bootle > Whitbeck > Whicham
A A595: Whicham > 3160 4842 > The Green > Duddon Bridge > Broughton-in-Furness
A A596+: Thursby > Wigton > Waverbridge > 3180 5446 > Aspatria > Crosby Moor > Crosby > Maryport > Flimby
  > Workington > Lillyhall
A A597: Workington > Moorclose > Harrington > Distington
A A594: Maryport > Dearham > 3094 5329 > Cockermouth
A A66++: Workington > Stainburn > Chapel Brow > Brigham > 3106 5291 > Cockermouth > 3136 5292 > Embleton > 3182 5306
  > 3198 5307 > 3207 5286 > 3219 5264 > Braithwaite > Portinscale > Keswick > Threlkeld > 3390 5265 > Penrith
A A591+: Keswick > 3296 5213 > Legburthwaite > 3323 5160 > 3327 5117 > Ambleside
A A591: Keswick > 3262 5262 > 3240 5285 > Bassenthwaite > Castle Inn > Bothel
A A5086: Cockermouth > Burnbanks Lane > Lamplugh > Arlecdon > Frizington > Cleator Moor > Egremont
A A5093: Whicham > Silecroft > Millom > The Green
A A689: J44 > Houghton > Crosby-on-Eden > Irthington > Brampton Old Church
A A689: Brampton > Hallbankgate > Tindale > 3660 5580 > Alston
A A689+: J44 > 3372 5590 > Belle Vue > 3358 5550 > Newby West
A A6071: Gretna > 3351 5675 > Longtown > Smithfield > 3486 5636 > Brampton Old Church
B B5300: Silloth > 3092 5502 > Mawbray > Allonby > 3056 5394 > Maryport
B B5301: Silloth > 3128 5480 > Aspatria > Crosby Moor
B B5302: Wigton > Waverbridge > Abbeytown > Silloth
B B5305: Wigton > Red Dial > 3300 5434 > Sebergham > 3420 5380 > J41
B B5299: Carlisle > Currock > 3382 5520 > Dalston > Welton > Sebergham > Caldbeck > 3282 5398 > Ireby > Mealsgate
  > Aspatria
B B5289: Cockermouth > Lorton > 3158 5225 > 3165 5196 > Buttermere > 3210 5138 > Seatoller > Rosthwaite > Grange
  > 3270 5205 > Keswick
B B5292: Braithwaite > 3224 5251 > 3212 5238 > 3198 5250 > 3180 5239 > Lorton
B B5291: Castle Inn > 3200 5318 > Embleton
B B5307: Belle Vue > Moorhouse > Kirkbampton > Kirkbride > Newton Arlosh > Abbeytown
B B5345: Whitehaven > Kells > Woodhouse > Sandwith > St Bees > Egremont
B B5344: Gosforth > Seascale > Drigg > Holmrook
B B5295: Hensingham > Cleator Moor
B B6318: Canonbie > Penton > Catlowdy > Roadhead > Kirkcambeck > 3580 5670 > Gilsland > 3655 5652
B B6413: Brampton > Talkin > Castle Carrock > Croglin
C: Westlinton > Rockcliffe > J44
C: Moorhouse > Burgh by Sands > 3266 5596 > Port Carlisle > Bowness-on-Solway > Cardurnock > Anthorn > Kirkbride
C: Burgh by Sands > Belle Vue
C: Kirkbride > Wigton
C: Thursby > Dalston > Raughton Head > Southwaite
C: Thursby > Great Orton > Moorhouse
C: Wreay > Dalston
C: Harraby > Wreay > Southwaite
C: J42 > Cumwhinton > Wetheral > Warwick Bridge
C: J43 > Scotby > Cumwhinton > Cotehill > Armathwaite
C: Warwick Bridge > Castle Carrock > Hallbankgate
C: Brampton > Lanercost > Low Row > Gilsland
C: Brampton > Walton > Kirkcambeck > Bewcastle
C: Smithfield > Hethersgill > Kirkcambeck
C: Longtown > 3410 5730 > Penton
C: Houghton > Scaleby > Smithfield
C: Caldbeck > Hesket Newmarket > Mungrisdale > Threlkeld
C: Bassenthwaite > Uldale > Caldbeck
C: Ireby > Bothel
C: Allonby > Aspatria
C: Great Broughton > Brigham
C: Great Broughton > Dearham
C: Great Broughton > Seaton > Workington
C: Lorton > Loweswater > Lamplugh
C: Lillyhall > Dean > Burnbanks Lane
C: Whitehaven > Hillcrest > Moresby Parks > Arlecdon
C: Cleator Moor > Ennerdale Bridge > Lamplugh
C: Gosforth > Nether Wasdale > 3150 5053 > 3170 5072 > Wasdale Head
C: Holmrook > Santon Bridge > Eskdale Green > Boot
C: Millom > Haverigg
C: Muncaster > Ravenglass
C: Mirehouse > Hensingham
C: Ewanrigg > Maryport
C: Northside > Workington
C: Chapel Brow > Great Clifton > Great Broughton
U: Boot > 3212 5010 > Cockley Beck > 3277 5027 > Ambleside
U: Duddon Bridge > Ulpha > 3222 4965 > Cockley Beck
U: Ulpha > 3170 4966 > Eskdale Green
U: Corney > 3150 4900 > Duddon Bridge
U: Muncaster > Eskdale Green
U: Nether Wasdale > Santon Bridge > Gosforth
U: Calder Bridge > 3056 5110 > Ennerdale Bridge
U: Calder Bridge > Beckermet > Thornhill
U: Beckermet > Seascale
U: Buttermere > 3194 5177 > 3216 5205 > Braithwaite
U: Grange > 3247 5205 > Portinscale
U: Loweswater > 3155 5206 > 3165 5196
U: Roadhead > Bewcastle > 3600 5705 > Gilsland
U: Catlowdy > Hethersgill
U: Irthington > Walton > Lanercost
U: Talkin > Hallbankgate
U: Rockcliffe > 3352 5640 > J45
U: Houghton > Stanwix
U: Wetheral > Cotehill
U: Scotby > Wetheral
U: Wreay > J42
U: Raughton Head > Welton > Hesket Newmarket
U: Uldale > Ireby > Red Dial
U: Castle Inn > Ireby
U: Newton Arlosh > 3160 5546 > Silloth
U: Mawbray > Abbeytown
U: Waverbridge > Kirkbride
U: Great Orton > Wigton
U: Flimby > Seaton
U: Crosby > Dearham > Ewanrigg
U: Parton > Bransty
U: Parton > 2987 5207 > Moresby Parks
U: Distington > Arlecdon
U: Frizington > Moresby Parks
U: St Bees > Bigrigg
U: Sandwith > Mirehouse > Bigrigg
U: Beckermet > 2994 5084 > St Bees
U: Drigg > Ravenglass
U: Brigham > Dean
U: Salterbeck > Harrington
U: Salterbeck > Moorclose > Westfield > Workington
U: Raffles > Belle Vue > Morton
U: Raffles > Carlisle
U: Upperby > Currock > Denton Holme > Raffles
U: Upperby > Harraby > Botcherby
"""


@dataclass(frozen=True)
class Road:
    """A road as drawn; its stops are names of places or junctions, or bare positions in metres."""

    letter: str
    number: str
    primary: bool
    trunk: bool
    stops: tuple[str | Point, ...]


def junctions() -> dict[str, Point]:
    """Return the named road junctions and the towns just outside, in metres."""
    found = {}
    for entry in _JUNCTIONS.replace("\n", ";").strip(";").split(";"):
        name, east, north = entry.strip().rsplit(" ", 2)
        found[name] = (100 * int(east), 100 * int(north))
    return found


def roads() -> list[Road]:
    """Return the roads as drawn."""
    found = []
    for line in table_lines(_ROADS):
        head, _, route = line.partition(": ")
        letter, _, number = head.partition(" ")
        stops = [pairs(stop)[0] if stop[0].isdigit() else stop for stop in route.split(" > ")]
        found.append(Road(letter, number.rstrip("+"), "+" in number, "++" in number, tuple(stops)))
    return found
