"""What is done on each page that has an explorer: its steps, as plain data.

Selectors are looked for inside the explorer; the first that is visible is meant.

    ("open", "layer=0")         open the page anew, at the address of a view
    ("follow", "layer=0")       click the link to this view in the page's text
    ("click", CSS)              by mouse, in the middle
    ("drag", CSS, CSS)          by mouse, from the middle of the one to that of the other
    ("slide", CSS, 1)           by mouse, a slider's thumb to the end (1) or the beginning (0)
    ("type", CSS, "text")       by mouse and an English keyboard, in place of what is there
    ("choose", CSS, "value")    in a list
    ("press", "ArrowRight")     one key, wherever the focus is
    ("walk",)                   press the button that walks, and wait for the end
"""

STACK = [
    ("click", "[data-pick='h-0-0-0'] [data-part='1']"),
    ("press", "ArrowRight"),
    ("walk",),
]
GRID = [
    *STACK,
    ("drag", "[data-pick='h-0-0-1']", "[data-pick='c-0-0-2']"),
    ("slide", "[data-key=clock]", 0),
    ("click", "summary"),
    ("slide", "[data-key=steps]", 0),
    ("click", "[data-reset]"),
]
CELL = [
    ("click", "[data-pick=i]"),
    ("press", "ArrowRight"),
    ("slide", "[data-key=forget]", 0),
    ("slide", "[data-key^=weight_hh]", 1),
    ("slide", "[data-key=step]", 0),
    ("walk",),
    ("click", "summary"),
    ("click", "[data-reset]"),
]

SCENARIO = {
    "intro.html": {
        "state-grid": [
            ("click", "button[data-key=want][value=h_n]"),
            ("click", "label:has([data-key=directions][value='2'])"),
            *GRID,
            ("follow", "want=c_n"),
            ("open", "layers=3,directions=2,quantity=c,layer=1,direction=1,step=2,unit=1"),
        ]
    },
    "which-tensor.html": {
        "which-tensor": [
            ("click", "label:has([data-key=task][value=decoder])"),
            ("click", "label:has([data-key=directions][value='2'])"),
            ("click", "label:has([data-key=kind][value=GRU])"),
            ("click", "label:has([data-key=padded])"),
            ("follow", "task=attention,padded=true"),
            ("open", "task=next,directions=2,kind=RNN"),
        ]
    },
    "chapters/01-three-tensors.html": {
        "state-grid": [*GRID, ("follow", "directions=2,direction=1,layer=1,step=0,quantity=h")],
    },
    "chapters/02-shapes.html": {
        "shape-calculator": [
            ("follow", "bidirectional=true"),
            ("click", "button[data-key=num_layers][value='3']"),
            ("type", "input[data-key=batch]", "12"),
            ("click", "summary"),
            ("click", "label:has([data-key=kind][value=RNN])"),
            ("choose", "[data-key=nonlinearity]", "relu"),
            ("click", "label:has([data-key=call][value=packed])"),
            ("type", "[data-key=lengths]", "4, 2, 6"),
            ("open", "proj_size=5"),
        ],
        "shape-drill": [
            ("click", "button[data-key=answer]"),
            ("type", "input[data-key=answer]", "1, 2, 3"),
            ("press", "Enter"),
            ("click", "[data-next]"),
        ],
    },
    "chapters/03-open-the-cell.html": {
        "cell-explorer": [*CELL, ("slide", "[data-key='x:0']", 1), ("follow", "forget=-3,step=2")],
    },
    "chapters/04-what-c-knows.html": {
        "cell-explorer": [
            *CELL,
            ("type", "[data-key=text]", "aaXbb"),
            ("follow", "text=aaXaabbbb,step=8"),
        ],
    },
    "chapters/05-layers-and-dropout.html": {
        "state-grid": [*STACK, ("follow", "layer=1,step=2,quantity=h")],
    },
    "chapters/06-two-directions.html": {
        "state-grid": [*STACK, ("follow", "direction=1,step=5,quantity=h")],
    },
    "chapters/07-padding-and-packing.html": {
        "state-grid": [*STACK, ("follow", "padded=false,example=1,step=5,quantity=h")],
    },
    "chapters/08-classifier.html": {
        "name-explorer": [
            ("type", "[data-key=text]", "Novotny"),
            ("click", "[data-pick='2']"),
            ("press", "ArrowRight"),
            ("drag", "[data-pick='2']", "[data-pick='5']"),
            ("click", "label:has([data-key=example][value=suomi])"),
            ("walk",),
            ("follow", "text=Deutschland,step=9"),
        ],
    },
    "chapters/11-encoder-decoder.html": {
        "align-explorer": [
            ("slide", "[data-key=clock]", 1),
            ("click", "[data-pick='3']"),
            ("press", "ArrowRight"),
            ("follow", "text=march"),
            ("open", "text=7%20mars%202019,clock=11"),
        ],
    },
    "chapters/12-attention.html": {
        "align-explorer": [
            ("click", "[data-pick='3']"),
            ("drag", "[data-pick='3']", "[data-pick='6']"),
            ("type", "[data-key=text]", "1 May 99"),
            ("walk",),
            ("click", "label:has([data-key=model][value='one state'])"),
            ("follow", "model=attention,text=18%20juin%202025,clock=19"),
        ],
    },
    "chapters/13-language-model.html": {
        "text-explorer": [
            ("click", "[data-pick='5']"),
            ("press", "ArrowRight"),
            ("drag", "[data-pick='5']", "[data-pick='12']"),
            ("choose", "[data-key=label]", "indent"),
            ("type", "[data-key=text]", "for i in x:"),
            ("slide", "[data-key=temperature]", 1),
            ("click", "label:has([data-key=shown][value=h])"),
            ("follow", "shown=surprise"),
            ("open", "text=if%20a%3A%0A%20%20%20%20b,step=7,shown=c,unit=3"),
        ]
    },
}
