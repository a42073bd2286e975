"""The pieces that the most common passwords are made of. Written from what guessers try first."""

ROWS = (
    "1234567890",
    "qwertyuiop[]",
    "asdfghjkl;'",
    "zxcvbnm,./",
    "qwertzuiop",
    "azertyuiop",
    "abcdefghijklmnopqrstuvwxyz",
    "1q2w3e4r5t6y7u8i9o0p",
    "q1w2e3r4t5y6u7i8o9p0",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm",
    "qazwsxedcrfvtgbyhnujm",
    "qweasdzxc",
    "qweasdzxcrtyfghvbn",
    "a1b2c3d4e5f6g7h8i9j0",
    "aabbccddeeffgghhiijj",
    "112233445566778899",
    "111222333444555666",
    "147258369",
    "159357",
    "741852963",
    "!@#$%^&*()",
)
"Rows of keyboards, zigzags over them, and sequences; they count backwards as well."

_TEXT = """
access account admin administrator agent alexander alpha amanda america andrea andrew angel
anthony apple arsenal asdf ashley autumn baby bailey banana barcelona baseball basketball batman
beautiful bella berlin blink boomer bond brandon bubbles buster butterfly callcenter center
change changeit changeme charlie cheese chelsea chocolate christ christian computer contact
cookie correct customer dallas daniel default demo diamond dragon eagle eagles easy elephant
england enter europe family fender ferrari first flower football forever france freedom friend
friends fuckyou gandalf garfield george german germany ginger god golden google guest hannah
happy harley heaven hello help helpdesk hockey horse hottie house hunter iloveu
iloveyou internet jackson james january jasmine jennifer jessica jesus jordan joshua
july june junior justin killer king kitty knight lakers lastpass letmein liverpool login london
love lovely loveme loveyou lucky maggie manager manchester march marina marlboro martin master
matrix matthew mercedes merlin michael michelle microsoft mickey midnight million minecraft
monday money monkey monster morgan mother mustang myname mypass mypassword naruto natasha
newpassword newyork nicole ninja nothing office orange orlando pass passcode passphrase passw
passwd password pasword patrick pepper phoenix phone please pokemon power princess private
purple pussy qwerty rainbow ranger realmadrid robert root samantha samsung scooter secret secure
security server service shadow silver snoopy snowball soccer spider spiderman spring starwars
staple summer sunday sunflower sunshine super superman superstar support switchroom sweet system
taylor team telephone temp temporary test tester testing thank thomas thunder tiger
tigger tinkerbell trust trustno user username victoria voice voip welcome whatever whatsapp
william winner winter wizard work yankees yellow you zaq1 zxcvbn august december february
friday november october saturday september thursday tuesday wednesday
the and for to my is me in of we 4ever 4you battery correcthorsebatterystaple
"""

WORDS = frozenset(_TEXT.split())
"Small letters. ``password`` is found in ``P4ssw0rd`` as well: figures are read as letters."
