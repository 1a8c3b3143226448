"""What anyone who knows Cumberland could jot down: places, the county's edge, lakes and roads, drawn by hand.

Positions are approximate and of our own making: eastings and northings on EPSG:27700 in units of 100 m.
"""

from dataclasses import dataclass

Point = tuple[int, int]


@dataclass(frozen=True)
class Place:
    """A settlement: position in metres, its neighbourhoods, ward, old district and typical deprivation."""

    name: str
    kind: str  # City, Suburb, Town, Village or Hamlet
    easting: int
    northing: int
    neighbourhoods: int
    ward: str
    district: str
    percentile: int  # typical place in England's deprivation ranking: 0 most deprived, 100 least
    urban: bool

    @property
    def middle(self) -> Point:
        """Its position, in metres."""
        return self.easting, self.northing


# name, kind, easting, northing, neighbourhoods, deprivation percentile; grouped by old district and ward.
# "*" marks the wards of the three urban settlements.
_PLACES = """
Carlisle
* Carlisle: Carlisle City 3400 5559 4 22
* Stanwix: Stanwix Suburb 3401 5572 5 68
* Kingstown: Kingstown Suburb 3393 5589 5 58
* Botcherby: Botcherby Suburb 3421 5557 5 16
* Harraby: Harraby Suburb 3420 5541 6 34
* Upperby: Upperby Suburb 3408 5537 4 15
* Currock: Currock Suburb 3400 5542 4 24
* Denton Holme: Denton Holme Suburb 3392 5550 5 35
* Morton: Morton Suburb 3379 5542 5 36
* Belle Vue: Belle Vue Suburb 3371 5557 4 38
* Raffles: Raffles Suburb 3384 5559 3 10
Longtown: Longtown Town 3380 5686 2 32; Rockcliffe Village 3358 5617 1 60; Smithfield Village 3443 5655 1 58;
  Bewcastle Hamlet 3565 5746 1 48; Roadhead Hamlet 3517 5749 0 48; Penton Hamlet 3438 5765 0 48;
  Hethersgill Village 3478 5672 0 52; Westlinton Hamlet 3393 5646 0 60; Scaleby Hamlet 3449 5632 0 62
Brampton: Brampton Town 3530 5610 3 45; Hallbankgate Village 3580 5596 1 50; Castle Carrock Village 3543 5553 1 66;
  Irthington Village 3499 5617 1 64; Gilsland Village 3632 5664 0 46; Lanercost Hamlet 3556 5637 0 55;
  Walton Village 3522 5645 0 60; Tindale Hamlet 3619 5594 0 50; Talkin Hamlet 3549 5575 0 62
Wetheral: Wetheral Village 3466 5546 1 90; Scotby Village 3442 5549 1 86; Warwick Bridge Village 3476 5570 1 74;
  Cumwhinton Village 3449 5527 1 84; Cotehill Hamlet 3468 5503 0 76; Wreay Village 3435 5489 0 72
Houghton: Houghton Village 3408 5595 1 80; Crosby-on-Eden Village 3448 5596 1 78
Dalston: Dalston Village 3369 5501 2 82; Raughton Head Hamlet 3379 5455 1 66; Welton Hamlet 3352 5444 0 62
Burgh by Sands: Burgh by Sands Village 3325 5591 1 70; Great Orton Village 3327 5541 1 66
Allerdale
* Workington: Workington Town 3003 5285 3 20; Northside Suburb 2999 5299 1 6; Westfield Suburb 2992 5274 2 17
* Moorclose: Moorclose Suburb 3005 5272 3 8; Salterbeck Suburb 2991 5264 2 6
* Harrington: Harrington Suburb 2994 5253 3 38
* Stainburn: Stainburn Suburb 3017 5288 2 66
Seaton: Seaton Village 3018 5306 3 54; Flimby Village 3023 5334 1 19; Great Clifton Village 3041 5296 1 46
Maryport: Maryport Town 3037 5364 5 20
Ewanrigg: Ewanrigg Suburb 3042 5353 2 6; Dearham Village 3072 5363 1 42
Cockermouth: Cockermouth Town 3122 5307 6 70
Great Broughton: Great Broughton Village 3075 5315 1 64; Brigham Village 3086 5303 1 58; Lorton Village 3161 5256 1 68;
  Dean Hamlet 3070 5252 0 66; Loweswater Hamlet 3143 5210 0 64; Buttermere Hamlet 3176 5170 0 60
Keswick: Keswick Town 3266 5234 3 58
Braithwaite: Braithwaite Village 3231 5236 1 66; Bassenthwaite Village 3230 5323 1 62; Rosthwaite Hamlet 3258 5148 1 60;
  Seatoller Hamlet 3245 5138 0 60; Grange Hamlet 3253 5175 0 62; Legburthwaite Hamlet 3318 5190 0 60
Aspatria: Aspatria Town 3147 5420 2 24; Allonby Village 3081 5430 1 48; Crosby Hamlet 3079 5386 0 50
Caldbeck: Caldbeck Village 3323 5398 1 62; Bothel Village 3183 5388 1 56; Ireby Village 3238 5390 1 58;
  Hesket Newmarket Village 3341 5386 0 62; Mealsgate Hamlet 3210 5421 0 54; Uldale Hamlet 3250 5369 0 58;
  Sebergham Hamlet 3360 5418 0 64
Silloth: Silloth Town 3110 5535 2 26; Abbeytown Village 3175 5508 1 48; Mawbray Hamlet 3086 5469 0 46;
  Newton Arlosh Village 3199 5552 0 52
Wigton: Wigton Town 3255 5483 4 36
Thursby: Thursby Village 3324 5503 1 72; Kirkbride Village 3230 5566 1 58; Bowness-on-Solway Village 3223 5626 1 60;
  Anthorn Hamlet 3194 5583 0 50; Port Carlisle Hamlet 3241 5621 0 60; Kirkbampton Village 3305 5563 0 66
Copeland
* Whitehaven: Whitehaven Town 2975 5182 3 18
* Kells: Kells Suburb 2966 5170 2 21
* Woodhouse: Woodhouse Suburb 2970 5161 2 5
* Mirehouse: Mirehouse Suburb 2982 5156 3 8
* Hensingham: Hensingham Suburb 2990 5168 3 26
* Bransty: Bransty Suburb 2979 5193 2 34; Hillcrest Suburb 2987 5180 2 76
Distington: Distington Village 3006 5233 2 22; Arlecdon Village 3048 5189 1 38; Parton Village 2979 5206 1 32;
  Moresby Parks Village 2999 5196 1 64; Lamplugh Hamlet 3089 5207 0 56
Cleator Moor: Cleator Moor Town 3022 5151 4 14
Frizington: Frizington Village 3035 5172 2 10; Ennerdale Bridge Hamlet 3069 5158 1 52
Egremont: Egremont Town 3011 5107 4 27
St Bees: St Bees Village 2972 5116 1 72; Thornhill Village 3014 5088 1 28; Beckermet Village 3019 5067 1 68
Gosforth: Gosforth Village 3067 5036 1 66; Seascale Village 3039 5011 1 60; Eskdale Green Village 3142 5002 1 52;
  Calder Bridge Hamlet 3043 5060 0 62; Nether Wasdale Hamlet 3125 5040 0 54; Wasdale Head Hamlet 3187 5088 0 52;
  Boot Hamlet 3176 5011 0 52; Holmrook Hamlet 3079 4997 0 56; Drigg Hamlet 3064 4990 0 58;
  Santon Bridge Hamlet 3110 5016 0 56
Millom: Millom Town 3172 4802 4 18; Haverigg Village 3161 4788 1 26; Bootle Village 3107 4883 1 46;
  Silecroft Village 3131 4819 0 46; The Green Village 3180 4846 0 48; Ulpha Hamlet 3198 4934 0 50;
  Ravenglass Village 3085 4963 0 52; Waberthwaite Hamlet 3109 4933 0 50; Whitbeck Hamlet 3118 4841 0 48
"""

# Clockwise from the mouth of the Sark at Gretna.
_OUTLINE = """
3322 5659 3327 5674 3334 5700 3331 5722 3338 5735 3362 5733 3387 5731 3394 5737 3402 5746 3416 5758 3424 5769 3436 5776
3447 5790 3459 5805 3466 5818 3475 5828 3488 5825 3502 5820 3516 5827 3531 5829 3544 5838 3557 5846 3566 5839 3573 5827
3580 5819 3585 5797 3598 5791 3612 5785 3623 5775 3640 5771 3653 5766 3658 5752 3659 5741 3653 5727 3645 5719 3636 5707
3631 5691 3631 5679 3637 5664 3632 5647 3643 5637 3649 5620 3658 5607 3654 5591 3641 5582 3637 5569 3621 5561 3609 5553
3614 5538 3603 5524 3589 5518 3577 5507 3560 5501 3547 5494 3536 5499 3521 5491 3509 5483 3502 5495 3488 5491 3476 5483
3460 5482 3447 5466 3439 5453 3428 5446 3424 5431 3408 5425 3396 5412 3381 5411 3372 5398 3366 5381 3360 5368 3349 5358
3352 5341 3341 5334 3338 5321 3324 5314 3314 5300 3313 5281 3303 5269 3301 5252 3311 5243 3326 5241 3334 5229 3338 5213
3345 5197 3343 5178 3346 5160 3341 5146 3336 5131 3327 5117 3315 5112 3302 5109 3290 5101 3281 5095 3271 5086 3260 5081
3248 5076 3246 5063 3254 5049 3266 5038 3277 5027 3262 5020 3247 5015 3238 5001 3228 4987 3229 4968 3219 4954 3207 4944
3202 4930 3199 4916 3203 4900 3198 4883 3203 4870 3198 4857 3206 4842 3208 4826 3201 4813 3193 4803 3187 4790 3177 4782
3164 4779 3152 4781 3143 4787 3134 4798 3123 4810 3112 4824 3104 4838 3096 4850 3087 4861 3080 4875 3075 4891 3073 4906
3072 4922 3076 4937 3073 4952 3078 4961 3070 4966 3061 4974 3051 4985 3042 4996 3033 5007 3027 5020 3015 5030 3005 5042
2999 5054 2991 5067 2985 5080 2979 5093 2971 5102 2965 5113 2957 5118 2949 5120 2941 5128 2942 5138 2949 5147 2953 5158
2957 5169 2964 5178 2968 5185 2972 5196 2975 5207 2977 5220 2983 5231 2982 5245 2984 5257 2981 5268 2980 5279 2986 5287
2986 5299 2993 5311 3003 5323 3012 5334 3019 5346 3026 5357 3029 5368 3041 5378 3050 5391 3061 5404 3069 5417 3076 5430
3074 5445 3073 5458 3080 5468 3082 5481 3089 5493 3095 5508 3100 5522 3103 5534 3112 5545 3122 5555 3133 5564 3142 5572
3146 5565 3139 5556 3146 5548 3157 5546 3166 5549 3176 5546 3184 5554 3196 5561 3209 5563 3218 5571 3209 5579 3199 5576
3187 5578 3176 5576 3167 5583 3161 5592 3166 5603 3177 5611 3190 5617 3204 5624 3217 5630 3231 5627 3243 5624 3255 5614
3266 5604 3279 5603 3293 5608 3307 5604 3321 5608 3334 5612 3343 5607 3349 5612 3339 5618 3325 5620 3315 5628 3311 5637
3322 5642 3335 5644 3342 5650 3333 5653
"""

_LAKES = """
Bassenthwaite Lake: 3237 5262 3233 5272 3227 5283 3220 5296 3212 5309 3205 5316 3200 5313 3203 5304 3209 5295 3215 5284
  3222 5273 3229 5264
Derwent Water: 3262 5228 3268 5220 3267 5210 3270 5200 3264 5190 3257 5186 3252 5192 3255 5201 3250 5211 3251 5221
  3256 5227
Thirlmere: 3312 5190 3316 5182 3317 5173 3322 5163 3326 5152 3330 5143 3325 5141 3319 5148 3314 5158 3311 5169 3308 5180
Crummock Water: 3152 5206 3158 5202 3161 5193 3166 5184 3171 5176 3167 5172 3160 5178 3155 5187 3150 5197
Buttermere: 3174 5165 3181 5161 3189 5154 3194 5149 3189 5147 3181 5152 3174 5158 3171 5162
Loweswater: 3120 5222 3127 5219 3134 5213 3131 5210 3123 5214 3118 5219
Ennerdale Water: 3087 5155 3094 5158 3100 5153 3110 5150 3121 5146 3130 5142 3128 5138 3117 5141 3106 5143 3096 5147
Wast Water: 3181 5077 3177 5068 3169 5060 3161 5051 3153 5043 3145 5039 3143 5043 3151 5051 3160 5060 3168 5069
  3175 5077
"""


def table_lines(text: str) -> list[str]:
    """Return the lines of a table; indented lines continue the one before."""
    return text.strip().replace("\n  ", " ").splitlines()


def pairs(text: str) -> list[Point]:
    """Return positions in metres from eastings and northings in hundreds of metres."""
    numbers = [100 * int(word) for word in text.split()]
    return list(zip(numbers[::2], numbers[1::2], strict=True))


def places() -> list[Place]:
    """Return every settlement, in the order drawn (which fixes all codes)."""
    found, district = [], ""
    for line in table_lines(_PLACES):
        ward, _, members = line.partition(": ")
        if not members:
            district = line
            continue
        for member in members.split(";"):
            *words, kind, east, north, count, percentile = member.split()
            found.append(
                Place(
                    " ".join(words),
                    kind,
                    100 * int(east),
                    100 * int(north),
                    int(count),
                    ward.removeprefix("* "),
                    district,
                    int(percentile),
                    ward.startswith("* "),
                )
            )
    return found


def outline() -> list[Point]:
    """Return the county's edge, clockwise from the Sark, in metres."""
    return pairs(_OUTLINE)


def lakes() -> dict[str, list[Point]]:
    """Return each lake's shore, in metres."""
    return {name: pairs(shore) for name, _, shore in (line.partition(": ") for line in table_lines(_LAKES))}
